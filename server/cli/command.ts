/** What a command of the `vigie` program is: its help, and a run that talks only through the given streams. */
export interface CommandIo {
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

/** One file a command: `export const command: CommandDefinition`. */
export interface CommandDefinition {
  /** As typed after `vigie`: 'staff', or two words such as 'import queue-log'. */
  readonly name: string
  readonly summary: string
  /** The full text of `--help`. */
  readonly usage: string
  /** Exit status: 0 done, 1 some input refused (the rest done), 2 could not run. */
  run(argv: readonly string[], io: CommandIo): Promise<number>
}
