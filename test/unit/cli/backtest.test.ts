/** The table of `vigie backtest`: every figure computed again, without the engine's measures, from forecasts of the same origins. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { command as backtest } from '../../../server/cli/backtest.ts'
import type { CommandDefinition } from '../../../server/cli/command.ts'
import { command as forecast } from '../../../server/cli/forecast.ts'

const folder = mkdtempSync(join(tmpdir(), 'vigie-backtest-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function run(command: CommandDefinition, argv: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const gather = (into: string[]) => {
    const stream = new PassThrough()
    stream.on('data', (chunk) => into.push(String(chunk)))
    return stream
  }
  const { signal } = new AbortController()
  const io = {
    stdin: new PassThrough(),
    stdout: gather(out),
    stderr: gather(err),
    cwd: folder,
    env: {},
    signal,
  }
  const status = await command.run(argv, io)
  await new Promise((done) => setImmediate(done))
  return { status, out: out.join(''), err: err.join('') }
}

const DAY_MS = 86_400_000
const FIRST_MS = Date.UTC(2024, 0, 1)
const DAYS = 112
const day = (index: number) => new Date(FIRST_MS + index * DAY_MS).toISOString().slice(0, 10)
const METHODS = ['main', 'same-weekday', 'seasonal-naive', 'smoothing', 'blend']

/** Hours 8 to 19 on six days a week; noise from a small generator of its own. */
function history(): Map<string, number> {
  let state = 12_345
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state / 4_294_967_296
  }
  const counts = new Map<string, number>()
  for (let index = 0; index < DAYS; index += 1) {
    if (index % 7 === 6) continue
    for (let hour = 8; hour < 20; hour += 1) {
      const mean = (hour === 19 ? 0.7 : 10) * (1 + 0.3 * Math.sin(hour)) * (index % 7 === 0 ? 1.3 : 1)
      counts.set(
        `${day(index)}T${String(hour).padStart(2, '0')}:00`,
        Math.round(mean * (0.6 + 0.8 * random())),
      )
    }
  }
  return counts
}

/** E|Y − median| of a Poisson count by its probabilities, one by one. */
function poissonDeviation(mean: number): number {
  const probabilities: number[] = []
  let probability = Math.exp(-mean)
  for (let count = 0; count < 200; count += 1) {
    probabilities.push(probability)
    probability *= mean / (count + 1)
  }
  let below = 0
  const median = probabilities.findIndex((one) => {
    below += one
    return below >= 0.5
  })
  return probabilities.reduce((sum, one, count) => sum + one * Math.abs(count - median), 0)
}

interface Row {
  readonly day: string
  readonly values: readonly number[]
  readonly actual: number
}

function measures(rows: readonly Row[]) {
  const mean = (row: Row) => row.values[0] ?? 0
  const sum = (pick: (row: Row) => number, of: readonly Row[] = rows) =>
    of.reduce((total, row) => total + pick(row), 0)
  const contacts = sum(({ actual }) => actual)
  const days = new Map<string, number>()
  for (const row of rows) days.set(row.day, (days.get(row.day) ?? 0) + mean(row) - row.actual)
  const levels = [0.5, 0.1, 0.9, 0.025, 0.975]
  const loss = sum(({ values, actual }) =>
    levels.reduce((total, level, at) => {
      const error = actual - (values[at] ?? 0)
      return total + Math.max(level * error, (level - 1) * error)
    }, 0),
  )
  const busy = rows.filter((row) => mean(row) >= 1)
  const inside = (low: number, high: number) =>
    sum(({ values, actual }) => Number(actual >= (values[low] ?? 0) && actual <= (values[high] ?? 0)), busy) /
    busy.length
  return [
    sum((row) => Math.abs(mean(row) - row.actual)) / contacts,
    [...days.values()].reduce((total, error) => total + Math.abs(error), 0) / contacts,
    sum((row) => mean(row) - row.actual) / contacts,
    (2 * loss) / levels.length / contacts,
    inside(1, 2),
    inside(3, 4),
    sum((row) => poissonDeviation(mean(row))) / sum(mean),
  ]
}

describe('the table of a rolling evaluation', () => {
  it('has the figures that follow from the forecasts, for every method, and picks the least error', async () => {
    const counts = history()
    const text = [...counts].map(([time, count]) => `q,${time},${count}\n`).join('')
    const path = file('h.csv', `series,time,contacts\n${text}`)
    const shared = ['--history', path, '--interval', '60', '--zone', 'Europe/Paris']
    const table = await run(backtest, [...shared, '--weeks', '4', '--lead-days', '7'])
    expect(table.status).toBe(0)
    const lines = table.out.split('\n')
    expect(lines[0]).toBe('q: 4 origins, 7 days ahead')
    expect(lines[1]).toMatch(/^method +WAPE +WAPE day +bias +wQL +cov80 +cov95 +floor$/)
    // The last row is of Saturday evening: what is known ends there, and so does the last week that is judged.
    const lastDay = DAYS - 2
    const origins = [4, 3, 2, 1].map((week) => `t,q,${day(lastDay - 7 * week)}T00:00,7\n`).join('')
    const originFile = file('o.csv', `task,series,origin,days\n${origins}`)
    const wapes = new Map<string, number>()
    for (const [at, method] of METHODS.entries()) {
      const made = await run(backtest, [...shared, '--origins', originFile, '--method', method])
      expect(made.status).toBe(0)
      const rows = made.out
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','))
        .flatMap(([, , origin = '', target = '', ...figures]): Row[] => {
          const actual = counts.get(target)
          const dayKey = `${origin} ${target.slice(0, 10)}`
          return actual === undefined
            ? []
            : [{ day: dayKey, values: figures.slice(0, 5).map(Number), actual }]
        })
      expect(rows).toHaveLength(4 * 6 * 12)
      const printed = lines[2 + at]?.trim().split(/\s+/) ?? []
      expect(printed[0]).toBe(method)
      const expected = measures(rows)
      expected.forEach((value, column) => {
        expect(Math.abs(Number(printed[1 + column]) - value), `${method} ${column}`).toBeLessThan(0.00006)
      })
      wapes.set(method, expected[0] ?? 1)
    }
    const picked = lines.find((line) => line.endsWith('<- pick'))?.split(/\s+/)[0] ?? ''
    const least = Math.min(...wapes.values())
    expect(wapes.get(picked) ?? 1).toBeLessThanOrEqual(picked === 'main' ? least / 0.99 : least)
    expect(table.out).toContain('floor  WAPE that counting noise (Poisson) leaves')
  })

  it('says of a short history that it is too short, and of options what is wrong', async () => {
    const rows = Array.from({ length: 20 }, (_, at) => `q,${day(at)}T09:00,5\nq,${day(at)}T10:00,6\n`).join(
      '',
    )
    const path = file('short.csv', `series,time,contacts\n${rows}`)
    const short = await run(backtest, ['--history', path, '--interval', '60'])
    expect(short.out).toBe('q: too short for a rolling evaluation\n\n')
    const bad: readonly (readonly [readonly string[], string])[] = [
      [['--interval', '7'], '--interval 7 is none of 5, 10, 15'],
      [['--zone', 'Paris'], '--zone Paris is no time zone of the IANA database'],
      [['--series', 'other', '--interval', '60'], 'the history has no series other'],
      [['--weeks', '0', '--interval', '60'], '--weeks 0 is no whole number from 1 to 52'],
      [['--method', 'oracle'], '--method oracle is none of main'],
    ]
    for (const [options, message] of bad) {
      const answer = await run(backtest, ['--history', path, ...options])
      expect([answer.status, answer.out]).toEqual([2, ''])
      expect(answer.err).toContain(message)
    }
    for (const command of [forecast, backtest]) {
      expect((await run(command, [])).err).toContain('--history FILE is needed')
      for (const [name, content] of [
        ['empty.csv', ''],
        ['header.csv', 'series,time,contacts\n'],
      ] as const) {
        const answer = await run(command, ['--history', file(name, content)])
        expect(answer.status).toBe(2)
        expect(answer.err).toMatch(/^vigie (forecast|backtest): .*(file is empty|no usable row)/)
      }
    }
  })

  it('knows the public holidays of a country, and lets a line of the file take the place of one', async () => {
    // New Year and Easter Monday of 2024 had a tenth of a usual day; 1 May is forecast.
    const holidays = new Set([0, 91].map(day))
    const rows = [...history()]
      .map(
        ([time, count]) => `q,${time},${holidays.has(time.slice(0, 10)) ? Math.round(count / 10) : count}\n`,
      )
      .join('')
    const path = file('holidays.csv', `series,time,contacts\n${rows}`)
    const replaced = file(
      'replaced.csv',
      'series,date,kind,treat_as_weekday,impact_ratio\nq,2024-05-01,event,,1\n',
    )
    const total = async (options: readonly string[]) => {
      const { out } = await run(forecast, ['--history', path, '--interval', '60', ...options])
      const lines = out.split('\n').filter((line) => line.startsWith('q,2024-05-01'))
      expect(lines).toHaveLength(24)
      return lines.reduce((sum, line) => sum + Number(line.split(',')[2]), 0)
    }
    const plain = await total([])
    expect(await total(['--country', 'fr'])).toBeLessThan(0.6 * plain)
    // Bavaria has Epiphany too, which was a day like others.
    expect(await total(['--country', 'DE', '--region', 'BY'])).toBeGreaterThan(
      await total(['--country', 'DE']),
    )
    const own = await total(['--country', 'FR', '--special-days', replaced])
    expect(Math.abs(own / plain - 1)).toBeLessThan(0.15)
    for (const [options, message] of [
      [['--country', 'Frankreich'], '--country Frankreich is no country'],
      [['--country', 'DE', '--region', 'XX'], '--region XX is no region of DE'],
      [['--region', 'BY'], '--region needs --country'],
    ] as const)
      for (const command of [forecast, backtest]) {
        const answer = await run(command, ['--history', path, ...options])
        expect([answer.status, answer.out]).toEqual([2, ''])
        expect(answer.err).toContain(message)
      }
  })

  it('forecasts the usable rows when some are refused, and ends with 1', async () => {
    const rows = Array.from({ length: 30 }, (_, at) => `q,${day(at)}T09:00,5\nq,${day(at)}T10:00,6\n`).join(
      '',
    )
    const path = file('some.csv', `series,time,contacts\n${rows}q,${day(30)}T09:00,-1\n`)
    const answer = await run(forecast, ['--history', path, '--interval', '60', '--days', '1'])
    expect(answer.status).toBe(1)
    expect(answer.err).toContain('some.csv:62: contacts -1 is outside')
    expect(answer.out.split('\n')[0]).toBe('series,target_time,mean,p2_5,p10,p90,p97_5')
  })
})
