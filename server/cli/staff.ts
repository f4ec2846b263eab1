/** `vigie staff`: staffing answers, as NDJSON for programs and as a table of a week for people. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { CommandDefinition, CommandIo } from './command.ts'
import { answerRequest } from './staff/answer.ts'
import { readTarget, writeWeekTable } from './staff/week-table.ts'

const USAGE = `vigie staff: how many agents, and what a number of agents gives.

  vigie staff < requests.ndjson > answers.ndjson
      One JSON request a line, one answer a line, in the same order.
      "model": erlang-b, erlang-c, erlang-a, finite-lines, finite-lines-abandonment, erlang-x, transient, priority
      "task":  metrics (default), required, max-load, required-lines, day-optimum, shrinkage

  vigie staff --history week.csv --target 80/20 [options]
      A table of the agents that each interval of a history needs.

Options
  --history FILE        series,time,contacts[,handle_seconds[,handled]] as CSV, also .gz
  --target SL/T         per cent answered within T seconds, such as 80/20
  --patience SECONDS    mean patience: Erlang A instead of Erlang C
  --formula NAME        SL1, SL2, SL3 or SL4 (default SL4)
  --shrinkage RATIO     share of paid time that is not on the phones, such as 0.3
  --max-occupancy RATIO such as 0.88
  --min-agents N        heads that every interval with contacts must have
  --aht SECONDS         where the history has no handling time
  --interval MINUTES    length of an interval (default: the smallest step of the history)
  --series NAME         one queue of several
  --csv                 CSV instead of a table
  --help                this text
`

const OPTIONS = {
  history: { type: 'string' },
  target: { type: 'string' },
  patience: { type: 'string' },
  formula: { type: 'string' },
  shrinkage: { type: 'string' },
  'max-occupancy': { type: 'string' },
  'min-agents': { type: 'string' },
  aht: { type: 'string' },
  interval: { type: 'string' },
  series: { type: 'string' },
  csv: { type: 'boolean' },
  help: { type: 'boolean' },
  'data-dir': { type: 'string' },
} as const

export const command: CommandDefinition = {
  name: 'staff',
  summary: 'required agents and service levels: NDJSON in and out, or a table of a week',
  usage: USAGE,
  run,
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  let values: ReturnType<typeof parse>['values']
  try {
    values = parse(argv).values
  } catch (error) {
    io.stderr.write(`vigie staff: ${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  if (values.help === true) {
    io.stdout.write(USAGE)
    return 0
  }
  if (values.history === undefined) {
    const stray = Object.keys(values).find((name) => name !== 'data-dir')
    if (stray !== undefined) {
      io.stderr.write(`vigie staff: --${stray} needs --history FILE\n`)
      return 2
    }
    return answerLines(io)
  }
  const target = readTarget(values)
  if ('problem' in target) {
    io.stderr.write(`vigie staff: ${target.problem}\n`)
    return 2
  }
  return writeWeekTable(values.history, target, io)
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false })
}

/** A bad line gets its own error and stops nothing; the answer keeps its place. */
async function answerLines(io: CommandIo): Promise<number> {
  let line = 0
  let refused = 0
  for await (const text of createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++
    if (text.trim() === '') continue
    if (io.signal.aborted) return 2
    const answer = answerLine(text, line)
    if (answer.refused) refused++
    if (!io.stdout.write(`${answer.text}\n`)) await once(io.stdout, 'drain')
  }
  if (refused > 0) io.stderr.write(`vigie staff: ${refused} of ${line} lines refused\n`)
  return refused > 0 ? 1 : 0
}

function answerLine(text: string, line: number): { text: string; refused: boolean } {
  let request: unknown
  try {
    request = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return {
      text: JSON.stringify({ id: null, line, error: { type: 'not-json', detail, pointer: '' } }),
      refused: true,
    }
  }
  const id = typeof request === 'object' && request !== null && 'id' in request ? request.id : null
  const answer = answerRequest(request)
  if (answer.error !== undefined) {
    return { text: JSON.stringify({ id, line, error: answer.error }), refused: true }
  }
  return { text: JSON.stringify({ id, ...answer.figures }), refused: false }
}
