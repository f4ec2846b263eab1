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
    await expect(readHistory(path, { ...half, intervalMinutes: 15 })).rejects.toThrow('rows of 30 minutes')
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
    await expect(readHistory(file('h.csv.gz', 'plain'), half)).rejects.toThrow('header')
    await expect(readHistory(join(folder, 'absent.csv'), half)).rejects.toThrow('ENOENT')
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
