/** Runs one command: its help, and one clear line with exit status 2 for whatever stops it. */
import { UsageError } from './arguments.ts'
import type { CommandDefinition, CommandIo } from './command.ts'

/** A command is loaded when it is asked for: `vigie staff` opens no database code. */
export interface CommandEntry {
  readonly summary: string
  readonly load: () => Promise<{ readonly command: CommandDefinition }>
}

/** Never throws. */
export async function runCommand(
  name: string,
  entry: CommandEntry,
  argv: readonly string[],
  io: CommandIo,
): Promise<number> {
  try {
    const { command } = await entry.load()
    if (argv.includes('--help') || argv.includes('-h'))
      return say(io.stdout, `${command.usage.trimEnd()}\n`, 0)
    return await command.run(argv, io)
  } catch (error) {
    return say(io.stderr, `vigie ${name}: ${oneLine(error, io.env)}\n`, 2)
  }
}

export function say(stream: NodeJS.WritableStream, text: string, status: number): number {
  stream.write(text)
  return status
}

/** The stack only for those who ask with VIGIE_DEBUG=1, and never for a mistyped option. */
function oneLine(error: unknown, env: NodeJS.ProcessEnv): string {
  if (!(error instanceof Error)) return String(error)
  if (env.VIGIE_DEBUG === '1' && !(error instanceof UsageError)) return error.stack ?? error.message
  return error.message.split('\n', 1)[0] ?? error.name
}
