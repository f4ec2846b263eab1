import { describe, expect, it } from 'vitest'
import { editsOfCsv } from '../../../server/planning/forecast-csv.ts'
import { QUEUE } from './forecast-support.ts'

const read = (text: string) => editsOfCsv(text, QUEUE, 'from the planner')
const problemsOf = (text: string) => {
  const read_ = read(text)
  return read_.kind === 'invalid' ? read_.problems.map(({ pointer, detail }) => `${pointer} ${detail}`) : []
}
const at = (iso: string) => Date.parse(iso)

describe('a CSV as edits', () => {
  it('reads what spreadsheets write: BOM, semicolons, decimal commas, quotes, empty fields and lines', () => {
    const outcome = read(
      '\uFEFF"day";"time";"contacts";"aht_seconds"\r\n2026-11-18;08:00;12,5;180\r\n2026-11-18;8:30;;"190,5"\r\n\r\n',
    )
    expect(outcome).toEqual({
      kind: 'edits',
      edits: [
        {
          measure: 'contacts',
          operation: 'cells',
          cells: [{ startMs: at('2026-11-18T08:00:00+01:00'), value: 12.5 }],
          reason: 'from the planner',
        },
        {
          measure: 'aht',
          operation: 'cells',
          cells: [
            { startMs: at('2026-11-18T08:00:00+01:00'), value: 180 },
            { startMs: at('2026-11-18T08:30:00+01:00'), value: 190.5 },
          ],
          reason: 'from the planner',
        },
      ],
    })
  })

  it('reads a decimal comma in quotes between commas, and tabs', () => {
    const values = (text: string) => {
      const outcome = read(text)
      return outcome.kind === 'edits'
        ? outcome.edits.map(({ cells }) => cells?.map(({ value }) => value))
        : outcome
    }
    expect(values('day,time,contacts\n2026-11-18,08:00,"12,5"\n')).toEqual([[12.5]])
    expect(values('time\tday\tcontacts\n08:00:00\t2026-11-18\t7')).toEqual([[7]])
  })

  it('refuses with the line, and takes nothing', () => {
    const head = 'day,time,contacts\n'
    expect(problemsOf('')).toEqual([expect.stringContaining('/line/1 the file is empty')])
    expect(problemsOf('\n\ntime,calls\n')).toEqual([expect.stringContaining('/line/3 the header needs day')])
    expect(problemsOf(`${head}2026-02-31,08:00,1`)).toEqual([
      expect.stringContaining('/line/2 day "2026-02-31"'),
    ])
    expect(problemsOf(`${head}2026-11-18,25:00,1`)).toEqual([expect.stringContaining('/line/2 time "25:00"')])
    expect(problemsOf(`${head}2026-11-18,08:10,1`)).toEqual([
      expect.stringContaining('is no interval of 30 minutes on 2026-11-18 in Europe/Paris'),
    ])
    expect(problemsOf(`${head}2026-11-18,08:00,1\n2026-11-18,08:30,-3`)).toEqual([
      expect.stringContaining('/line/3 contacts -3 is not between'),
    ])
    expect(problemsOf(`${head}2026-11-18,08:00,x`)).toEqual([
      expect.stringContaining('contacts "x" is no number'),
    ])
    expect(problemsOf(`${head}2026-11-18,06:00,3`)).toEqual([
      expect.stringContaining('outside the opening hours'),
    ])
    expect(problemsOf(`${head}2026-11-18,08:00,1\n2026-11-18,08:00,1`)).toEqual([
      expect.stringContaining('/line/3 2026-11-18 08:00 is given twice'),
    ])
    expect(problemsOf('day,time,aht_seconds\n2026-11-18,08:00,0')).toEqual([
      expect.stringContaining('aht 0 is not between 1'),
    ])
    expect(problemsOf(`${head}2026-11-18,08:00,`)).toEqual([expect.stringContaining('no row has a value')])
  })

  it('tells the first twenty mistakes of many', () => {
    const rows = Array.from({ length: 500 }, () => '2026-11-18,08:00,-1').join('\n')
    expect(problemsOf(`day,time,contacts\n${rows}`)).toHaveLength(20)
  })

  it('gives the hour that the clock shows twice its two rows, and refuses the hour that it leaves out', () => {
    const night = { ...QUEUE, openingHours: QUEUE.openingHours.map(() => [[0, 1440]] as const) }
    const outcome = editsOfCsv('day;time;contacts\n2026-10-25;02:30;1\n2026-10-25;02:30;2\n', night, 'r')
    expect(outcome.kind === 'edits' && outcome.edits[0]?.cells).toEqual([
      { startMs: at('2026-10-25T02:30:00+02:00'), value: 1 },
      { startMs: at('2026-10-25T02:30:00+01:00'), value: 2 },
    ])
    expect(editsOfCsv('day;time;contacts\n2026-03-29;02:30;1\n', night, 'r').kind).toBe('invalid')
  })
})
