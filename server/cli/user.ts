/** `vigie user`: accounts and one-time sign-in links from the command line. */
import { USER_ROLES, type UserRole } from '../domain/role.ts'
import { SIGN_IN_LINK_HOURS, userProblems } from '../people/people-service.ts'
import { DATA_OPTIONS, DATA_USAGE, dataLocation, parseArguments, UsageError } from './arguments.ts'
import type { CommandDefinition } from './command.ts'
import { withDataServices } from './command-services.ts'

const OPTIONS = {
  ...DATA_OPTIONS,
  role: { type: 'string' },
  name: { type: 'string' },
  client: { type: 'string' },
  url: { type: 'string' },
} as const

function isUserRole(text: string): text is UserRole {
  return USER_ROLES.some((role) => role === text)
}

export const command: CommandDefinition = {
  name: 'user',
  summary: 'create an account and print its sign-in link',
  usage: `Usage: vigie user create --role ROLE --name NAME [--client CLIENT]
       vigie user link --name NAME      a new one-time link for somebody who exists
       vigie user list

  --role ROLE      ${USER_ROLES.join(', ')}
  --name NAME      as it is shown beside what the person changes
  --client CLIENT  id or name of the client whose queues a person of role client sees
  --url URL        address of the server, for the link (default http://127.0.0.1:8080)
${DATA_USAGE}

The link works once, for ${SIGN_IN_LINK_HOURS} hours. Its secret is behind the #, so it reaches no log.`,
  async run(argv, io) {
    const args = parseArguments(argv, OPTIONS, io.env)
    const [action] = args.positionals
    if (args.positionals.length !== 1 || (action !== 'create' && action !== 'link' && action !== 'list'))
      throw new UsageError('say "create", "link" or "list"')
    const url = args.textOr('url', 'http://127.0.0.1:8080').replace(/\/+$/, '')
    const print = (secret: string) => io.stdout.write(`${url}/#/sign-in/${secret}\n`)
    const name = action === 'list' ? '' : args.required('name')
    const role = action === 'create' ? args.required('role') : ''
    if (action === 'create' && !isUserRole(role))
      throw new UsageError(`--role: must be one of ${USER_ROLES.join(', ')}`)
    return withDataServices(io, ['user', ...argv], dataLocation(args, io), async ({ people, settings }) => {
      if (action === 'list') {
        for (const user of await people.users()) io.stdout.write(`${user.role}\t${user.name}\n`)
        return 0
      }
      if (action === 'link') {
        const user = (await people.users()).find((one) => one.name === name)
        const secret = user === undefined ? undefined : await people.createSignInLink(user.id)
        if (secret === undefined) throw new UsageError(`there is nobody of the name "${name}"`)
        print(secret)
        return 0
      }
      const wanted = args.text('client')
      const clients = settings.entries('client')
      const client = clients.find(({ id, body }) => id === wanted || body.name === wanted)
      const clientId = wanted === undefined ? null : (client?.id ?? wanted)
      const [problem] = userProblems({ name, role, clientId }, new Set(clients.map(({ id }) => id)))
      if (problem !== undefined) {
        const option = problem.pointer === '/clientId' ? 'client' : problem.pointer.slice(1)
        throw new UsageError(`--${option}: ${problem.detail}`)
      }
      if (!isUserRole(role)) throw new UsageError(`--role: must be one of ${USER_ROLES.join(', ')}`)
      print((await people.createUser({ name, role, clientId })).secret)
      return 0
    })
  },
}
