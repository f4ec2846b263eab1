// Histories as people have them: packed, with semicolons and decimal commas, torn, twice, in mixed lengths.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import {
  formatWallMinute,
  readHistory,
  readSpecialDays,
  readWallMinute,
} from '../../../server/cli/history-csv.ts'

const folder = mkdtempSync(join(tmpdir(), 'vigie-history-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const half = { intervalMinutes: 30, zone: 'Europe/Paris' }

/** Rows of one day from 08:00, `step` minutes apart. */
function rows(day: string, step: number, count: number, contacts = 3): string {
  return Array.from({ length: count }, (_, i) => {
    const minute = 480 + i * step
    return `q,${day}T${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')},${contacts}\n`
  }).join('')
}

describe('a history file', () => {
  it('is read packed or plain, with BOM, semicolons, decimal commas and Windows line ends', async () => {
    const text =
      '\uFEFFseries;time;contacts;handle_seconds\r\nq;2024-01-08T08:00;12,5;1000,5\r\nq;2024-01-08T08:30;4;\r\n'
    for (const path of [file('a.csv', text), file('a.csv.gz', gzipSync(text))]) {
      const { series, refusals } = await readHistory(path, half)
      expect(refusals.count).toBe(0)
      expect(series.get('q')?.counts[16]).toBe(12.5)
      expect(series.get('q')?.handleSeconds?.[16]).toBe(1000.5)
      expect(series.get('q')?.counts[17]).toBe(4)
      expect(series.get('q')?.counts[18]).toBeNaN()
    }
  })

  it('names the line of every refused row and keeps the rest', async () => {
    const text =
      'series,time,contacts\nq,2024-01-08T08:00,5\nq,2024-01-08T08:30,-3\nq,2024-01\nq,2024-02-30T08:00,4\nq,2024-01-08T09:00,x\nq,2024-01-08T08:00,7\nq,2024-01-08T08:00+01:00,7\n'
    const { series, refusals } = await readHistory(file('b.csv', text), half)
    expect(refusals.messages.map((message) => Number(message.split(':')[1]))).toEqual([3, 4, 5, 6, 8, 7])
    expect(series.get('q')?.counts[16]).toBe(5)
  })

  it('sums finer rows, and days of mixed interval lengths', async () => {
    const text = `series,time,contacts\n${rows('2024-01-08', 30, 20, 6)}${rows('2024-01-09', 15, 40)}`
    const { series, refusals } = await readHistory(file('c.csv', text), { ...half, intervalMinutes: 60 })
    expect(refusals.count).toBe(0)
    expect(series.get('q')?.slotMinutes).toBe(30)
    expect(series.get('q')?.counts[16]).toBe(6)
    expect(series.get('q')?.counts[48 + 16]).toBe(6)
  })

  it('refuses an interval finer than the rows', async () => {
    const path = file('d.csv', `series,time,contacts\n${rows('2024-01-08', 30, 20)}`)
    await expect(readHistory(path, { ...half, intervalMinutes: 15 })).rejects.toThrow(
      /rows of 30 minutes.*try --interval 30/,
    )
  })

  it('sums the hour that the clock shows twice, in that zone alone', async () => {
    const path = file('e.csv', 'series,time,contacts\nq,2024-10-27T02:30,5\nq,2024-10-27T02:30,6\n')
    const paris = await readHistory(path, half)
    expect(paris.refusals.count).toBe(0)
    expect(paris.series.get('q')?.counts[5]).toBe(11)
    expect((await readHistory(path, { ...half, zone: 'UTC' })).refusals.count).toBe(1)
  })

  it('says why a file cannot be read at all', async () => {
    await expect(readHistory(file('f.csv', ''), half)).rejects.toThrow('empty')
    await expect(readHistory(file('g.csv', 'a,b\n1,2\n'), half)).rejects.toThrow('lacks time, contacts')
    await expect(readHistory(file('h.csv.gz', 'plain'), half)).rejects.toThrow('no gzip file')
    await expect(readHistory(join(folder, 'absent.csv'), half)).rejects.toThrow('there is no such file')
    await expect(readHistory(folder, half)).rejects.toThrow('folder')
    const utf16 = Buffer.from('\uFEFFseries,time,contacts\nq,2024-01-08T08:00,5\n', 'utf16le')
    await expect(readHistory(file('i.csv', utf16), half)).rejects.toThrow('UTF-8')
    const torn = gzipSync(`series,time,contacts\n${rows('2024-01-08', 30, 20)}`).subarray(0, 60)
    await expect(readHistory(file('j.csv.gz', torn), half)).rejects.toThrow(/gzip|end of file/)
  })

  it('is refused at the line after the last row that fits', async () => {
    const path = file('k.csv', `series,time,contacts\n${rows('2024-01-08', 30, 10)}`)
    expect((await readHistory(path, { ...half, rowsMax: 10 })).refusals.count).toBe(0)
    await expect(readHistory(path, { ...half, rowsMax: 9 })).rejects.toThrow(
      'k.csv:11: more than 9 rows; split the file by series',
    )
  })

  it('never takes a decimal comma for the end of a field', async () => {
    const text =
      'series,time,contacts\nq,2024-01-08T08:00,12,5\nq,2024-01-08T08:30,"12,5"\nq,2024-01-08T09:00,4,,\n'
    const { series, refusals } = await readHistory(file('l.csv', text), half)
    expect(refusals.messages).toEqual([expect.stringMatching(/l\.csv:2: has 4 fields .* decimal sign/)])
    expect([...(series.get('q')?.counts.slice(16, 19) ?? [])]).toEqual([Number.NaN, 12.5, 4])
  })

  it('reads what spreadsheets write before the header', async () => {
    const text = '\uFEFFsep=;\r\nseries;time;contacts\r\nq;2024-01-08T08:00;12,5\r\n'
    expect((await readHistory(file('m.csv', text), half)).series.get('q')?.counts[16]).toBe(12.5)
  })

  it('does not mind rows backwards', async () => {
    const forwards = rows('2024-01-08', 30, 20).trimEnd().split('\n')
    const read = async (name: string, lines: readonly string[]) =>
      (await readHistory(file(name, `series,time,contacts\n${lines.join('\n')}\n`), half)).series.get('q')
    expect(await read('n.csv', [...forwards].reverse())).toEqual(await read('o.csv', forwards))
  })

  it('says of a time with an offset and of an empty count what is needed', async () => {
    const text =
      'series,time,contacts\nq,2024-01-08T08:00Z,5\nq,2024-01-08T08:30,\nq,08/01/2024 09:00,5\nq,2024-01-08T09:30,NaN\n'
    const { refusals } = await readHistory(file('p.csv', text), half)
    expect(refusals.messages).toEqual([
      expect.stringMatching(/:2: time "2024-01-08T08:00Z" has an offset; it must be the local/),
      expect.stringMatching(/:3: contacts is empty; leave out/),
      expect.stringMatching(
        /:4: time "08\/01\/2024 09:00" is no local wall-clock time like 2003-09-01T07:30/,
      ),
      expect.stringMatching(/:5: contacts "NaN" is no number/),
    ])
  })

  it('tells a wrong zone by contacts in an hour that its clocks skip', async () => {
    const text = 'series,time,contacts\nq,2024-03-31T01:30,5\nq,2024-03-31T02:30,6\nq,2024-03-31T03:00,7\n'
    const path = file('q.csv', text)
    const paris = await readHistory(path, half)
    expect(paris.refusals.messages).toEqual([
      expect.stringMatching(/:3: time 2024-03-31T02:30 does not exist in Europe\/Paris/),
    ])
    expect((await readHistory(path, { ...half, zone: 'America/New_York' })).refusals.count).toBe(0)
    // A row of 0 is what a report writes for an hour that was not there.
    const zero = await readHistory(file('r.csv', text.replace(',6', ',0')), half)
    expect(zero.refusals.count).toBe(0)
  })
})

it('reads wall-clock times and writes them back', () => {
  expect(formatWallMinute(readWallMinute('2024-02-29 23:30:00') ?? 0)).toBe('2024-02-29T23:30')
  expect(readWallMinute('2023-02-29T00:00')).toBeUndefined()
  expect(readWallMinute('2024-02-29T24:00')).toBeUndefined()
})

it('reads special days and refuses an unknown kind', async () => {
  const path = file(
    's.csv',
    'series,date,kind,treat_as_weekday\n*,2024-12-25,holiday,6\nq,2024-12-24,party,\n',
  )
  const { days, refusals } = await readSpecialDays(path)
  expect(days).toEqual([{ series: '*', day: 20_082, kind: 'holiday', treatAsWeekday: 6 }])
  expect(refusals.messages).toHaveLength(1)
})
