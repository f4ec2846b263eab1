/** The program's name, version and commands. A command is loaded when it is asked for: `vigie staff` opens no database code. */
import type { CommandIo } from './command.ts'
import { DATA_COMMANDS } from './data-commands.ts'
import { type CommandEntry, runCommand, say } from './run-command.ts'
import { programVersion } from './version.ts'

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  serve: { summary: 'run the server', load: () => import('./serve.ts') },
  demo: {
    summary: 'the whole product on simulated calls, in a throw-away folder',
    load: () => import('./demo.ts'),
  },
  migrate: { summary: 'bring the database to the newest schema', load: () => import('./migrate.ts') },
  ...DATA_COMMANDS,
  replay: { summary: 'send a file live through the API', load: () => import('./replay.ts') },
  conformance: {
    summary: 'check that a folder of events folds to expected figures',
    load: () => import('./conformance.ts'),
  },
  staff: { summary: 'agents needed, by the queueing models', load: () => import('./staff.ts') },
  forecast: { summary: 'forecast contacts from a history', load: () => import('./forecast.ts') },
  backtest: { summary: 'measure forecasts against what came', load: () => import('./backtest.ts') },
}

function programUsage(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length))
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `vigie: workforce planning and real-time monitoring for contact centres

Usage: vigie COMMAND [OPTIONS]    (vigie COMMAND --help says more)
       vigie --version

${lines.join('\n')}

Exit status: 0 done, 1 some input refused (the rest done), 2 could not run.
`
}

/** Runs one command line; never throws. */
export async function runProgram(argv: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = argv
  if (name === '--version' || name === '-v') return say(io.stdout, `${programVersion()}\n`, 0)
  if (name === '--help' || name === '-h' || name === 'help') return say(io.stdout, programUsage(), 0)
  if (name === undefined) return say(io.stderr, programUsage(), 2)
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (entry === undefined)
    return say(io.stderr, `vigie: there is no command "${name}" (vigie --help lists them)\n`, 2)
  return runCommand(name, entry, rest, io)
}
