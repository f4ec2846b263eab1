/** `vigie token`: API tokens for feeds and readers from the command line. */
import { TOKEN_ROLES, type TokenRole } from '../domain/role.ts'
import { tokenProblems } from '../people/people-service.ts'
import { DATA_OPTIONS, DATA_USAGE, dataLocation, parseArguments, UsageError } from './arguments.ts'
import type { CommandDefinition } from './command.ts'
import { withDataServices } from './command-services.ts'

const OPTIONS = { ...DATA_OPTIONS, role: { type: 'string' }, name: { type: 'string' } } as const

function isTokenRole(text: string): text is TokenRole {
  return TOKEN_ROLES.some((role) => role === text)
}

export const command: CommandDefinition = {
  name: 'token',
  summary: 'create an API token and print it',
  usage: `Usage: vigie token create --role ROLE --name NAME
       vigie token list
       vigie token revoke --name NAME

  --role ROLE      ingest (may send events) or read (may read figures)
  --name NAME      which program it is for, such as pbx
${DATA_USAGE}

The token is printed once. Programs send it as "Authorization: Bearer TOKEN".`,
  async run(argv, io) {
    const args = parseArguments(argv, OPTIONS, io.env)
    const [action] = args.positionals
    if (args.positionals.length !== 1 || (action !== 'create' && action !== 'list' && action !== 'revoke'))
      throw new UsageError('say "create", "list" or "revoke"')
    const name = action === 'list' ? '' : args.required('name')
    const role = action === 'create' ? args.required('role') : ''
    const [problem] = action === 'create' ? tokenProblems({ name, role }) : []
    if (problem !== undefined) throw new UsageError(`--${problem.pointer.slice(1)}: ${problem.detail}`)
    return withDataServices(io, ['token', ...argv], dataLocation(args, io), async ({ people }) => {
      if (action === 'list') {
        for (const token of await people.tokens()) io.stdout.write(`${token.role}\t${token.name}\n`)
        return 0
      }
      if (action === 'revoke') {
        const found = (await people.tokens()).filter((token) => token.name === name)
        for (const { id } of found) await people.removeToken(id)
        if (found.length === 0) throw new UsageError(`there is no token of the name "${name}"`)
        return 0
      }
      if (!isTokenRole(role)) throw new UsageError(`--role: must be one of ${TOKEN_ROLES.join(', ')}`)
      const { secret } = await people.createToken({ name, role })
      io.stdout.write(`${secret}\n`)
      return 0
    })
  },
}
