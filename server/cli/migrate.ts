/** `vigie migrate`: brings the database to the newest schema. */
import { migrate, openDatabase } from '../db/open-database.ts'
import { DATA_OPTIONS, DATA_USAGE, dataLocation, parseArguments, UsageError } from './arguments.ts'
import type { CommandDefinition } from './command.ts'

export const command: CommandDefinition = {
  name: 'migrate',
  summary: 'bring the database to the newest schema',
  usage: `Usage: vigie migrate

${DATA_USAGE}

Forward only. The embedded database is brought up to date by every command that opens it.`,
  async run(argv, io) {
    const args = parseArguments(argv, DATA_OPTIONS, io.env)
    if (args.positionals.length > 0) throw new UsageError(`"${args.positionals[0]}" is not expected`)
    const { dataDir, databaseUrl } = dataLocation(args, io)
    const database = await openDatabase(databaseUrl === undefined ? { dataDir } : { databaseUrl }, {
      schema: 'any',
    })
    try {
      const applied = await migrate(database)
      for (const name of applied) io.stderr.write(`applied ${name}\n`)
      if (applied.length === 0) io.stderr.write('the schema is up to date\n')
      return 0
    } finally {
      await database.close()
    }
  },
}
