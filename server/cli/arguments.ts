/** Options of the commands: read from the command line, else from the environment (`--data-dir` is VIGIE_DATA_DIR). */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** What is wrong with a command line: one clear line, exit status 2. */
export class UsageError extends Error {}

interface OptionKind {
  readonly type: 'string' | 'boolean'
}

export interface Arguments {
  readonly positionals: readonly string[]
  text(name: string): string | undefined
  textOr(name: string, otherwise: string): string
  required(name: string): string
  number(name: string, limits: { readonly min: number; readonly max: number }): number | undefined
  flag(name: string): boolean
}

export function parseArguments(
  argv: readonly string[],
  options: Readonly<Record<string, OptionKind>>,
  env: NodeJS.ProcessEnv,
): Arguments {
  const { values, positionals } = parse(argv, options)
  const text = (name: string): string | undefined => {
    const given = values[name]
    return typeof given === 'string' ? given : environmentValue(env, name)
  }
  return {
    positionals,
    text,
    textOr: (name, otherwise) => text(name) ?? otherwise,
    required(name) {
      const value = text(name)
      if (value === undefined) throw new UsageError(`--${name} is needed`)
      return value
    },
    number(name, { min, max }) {
      const value = text(name)
      if (value === undefined) return undefined
      const number = Number(value)
      if (value.trim() === '' || !Number.isFinite(number) || number < min || number > max)
        throw new UsageError(`--${name} must be a number from ${min} to ${max}, not "${value}"`)
      return number
    },
    flag(name) {
      if (values[name] === true) return true
      const value = environmentValue(env, name)
      if (value === undefined || value === '0' || value === 'false') return false
      if (value === '1' || value === 'true') return true
      throw new UsageError(`${environmentName(name)} must be 1, 0, true or false, not "${value}"`)
    },
  }
}

export function environmentName(option: string): string {
  return `VIGIE_${option.toUpperCase().replaceAll('-', '_')}`
}

function environmentValue(env: NodeJS.ProcessEnv, option: string): string | undefined {
  const value = env[environmentName(option)]
  return value === undefined || value === '' ? undefined : value
}

function parse(argv: readonly string[], options: Readonly<Record<string, OptionKind>>) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    // Node adds hints on further lines; one is enough.
    const message = error instanceof Error ? error.message : String(error)
    throw new UsageError(message.split('\n', 1)[0] ?? message)
  }
}

export const DATA_OPTIONS = { 'data-dir': { type: 'string' } } as const
export const DATA_USAGE = `  --data-dir DIR   the data folder (default ./data); DATABASE_URL takes a PostgreSQL server instead`

export function dataLocation(
  args: Arguments,
  io: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): { readonly dataDir: string; readonly databaseUrl: string | undefined } {
  const databaseUrl = io.env.DATABASE_URL
  return {
    dataDir: absolute(io.cwd, args.textOr('data-dir', 'data')),
    databaseUrl: databaseUrl === undefined || databaseUrl === '' ? undefined : databaseUrl,
  }
}

function absolute(cwd: string, path: string): string {
  return resolve(cwd, path)
}
