/** Call exports through a map: a month of a real bank's calls against a count of the file's own rows, and bad rows. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  type ContactsMap,
  PLAIN_CONTACTS_MAP,
  parseContactsMap,
  readContactsCsv,
} from '../../../server/ingest/contacts-csv.ts'
import type { ImportItem } from '../../../server/ingest/import-item.ts'
import { loadDay } from '../../../server/state/load-day.ts'
import { collect, fold, listStore, sample, settings, toLedger } from '../state/support.ts'

const context = { source: 'export', zone: 'Asia/Jerusalem', nowMs: Date.UTC(2026, 0, 1) }

/** The map that the bank's file goes in by. */
const BANK_MAP = {
  queue: { column: 'type' },
  arrival: { column: 'arrival', plusSecondsColumn: 'vru_s' },
  wait_seconds: { column: 'queue_s' },
  outcome: { column: 'outcome', values: { AGENT: 'answered', HANG: 'abandoned' } },
  talk_seconds: { column: 'service_s' },
  agent: { column: 'agent' },
  skipWhere: [{ outcome: 'PHANTOM' }, { outcome: 'HANG', entered_queue: '0' }],
}

function mapOf(value: unknown): ContactsMap {
  const parsed = parseContactsMap(value)
  if (!parsed.ok) throw new Error(`${parsed.pointer}: ${parsed.detail}`)
  return parsed.map
}

async function* text(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content)
}
const readText = (content: string, map: ContactsMap = PLAIN_CONTACTS_MAP): Promise<ImportItem[]> =>
  collect(readContactsCsv(text(content), map, { ...context, zone: 'UTC' }))
const count = (items: readonly ImportItem[], kind: ImportItem['kind']) =>
  items.filter((item) => item.kind === kind).length

describe('the bank of January 1999', () => {
  const path = sample('data/bank_il_1999_calls_jan.csv.gz')

  it.skipIf(path === null)('equals a count of the rows, queue by queue, on 5 January', async () => {
    const items = await collect(readContactsCsv(path ?? '', mapOf(BANK_MAP), context))
    const lines = gunzipSync(readFileSync(path ?? ''))
      .toString()
      .trim()
      .split('\n')
      .slice(1)
    expect(lines).toHaveLength(31_599)
    const want = new Map<
      string,
      { answered: number; abandoned: number; in20: number; wait: number; talk: number }
    >()
    let skipped = 0
    for (const line of lines) {
      const [arrival = '', type = '', , vru, queue, entered, outcome, service] = line.split(',')
      if (outcome === 'PHANTOM' || (outcome === 'HANG' && entered === '0')) {
        skipped += 1
        continue
      }
      // Wall-clock seconds; no clock change in Israel in January.
      const enteredAt = Date.parse(`${arrival}Z`) + Math.max(0, Number(vru)) * 1000
      if (new Date(enteredAt).toISOString().slice(0, 10) !== '1999-01-05') continue
      const row = want.get(type) ?? { answered: 0, abandoned: 0, in20: 0, wait: 0, talk: 0 }
      want.set(type, row)
      if (outcome === 'HANG') row.abandoned += 1
      else {
        row.answered += 1
        row.wait += Number(queue)
        row.talk += Number(service)
        if (Number(queue) <= 20) row.in20 += 1
      }
    }
    expect(count(items, 'skipped')).toBe(skipped)
    expect(count(items, 'rejected')).toBe(0)
    const events = toLedger(items)
    const day = await loadDay(listStore(events), settings('Asia/Jerusalem'), '1999-01-05')
    const report = day.dayReport('1999-01-05')
    const offeredRows = report.queues.filter((row) => row.offered > 0)
    expect(offeredRows.map((row) => row.queue)).toEqual([...want.keys()].sort())
    for (const row of offeredRows) {
      const counted = want.get(row.queue)
      expect(row).toMatchObject({
        offered: (counted?.answered ?? 0) + (counted?.abandoned ?? 0),
        answered: counted?.answered,
        abandoned: counted?.abandoned,
        answeredWithinThreshold: counted?.in20,
      })
      if (counted !== undefined && counted.answered > 0) {
        expect(row.asaSeconds).toBeCloseTo(counted.wait / counted.answered, 9)
        expect(row.talkSecondsMean).toBeCloseTo(counted.talk / counted.answered, 9)
      }
    }
    expect(fold(events).dayReport('1999-01-05').queues.length).toBeGreaterThan(0)
  })
})

describe('rows', () => {
  const header = 'queue,arrival,wait_seconds,outcome,talk_seconds,acw_seconds,agent,contact_id\n'

  it('makes the events of a contact, with ids that stay', async () => {
    const file = `${header}q,2024-03-05T09:00:00,12,answered,100,20,ann,c1\nq,2024-03-05T09:01:00,3.5,abandoned,,,,c2\n`
    const once = await readText(file)
    expect(toLedger([...once, ...(await readText(file))])).toHaveLength(5)
    const row = fold(toLedger(once)).dayReport('2024-03-05').queues[0]
    expect(row).toMatchObject({
      offered: 2,
      answered: 1,
      abandoned: 1,
      shortAbandons: 1,
      asaSeconds: 12,
      talkSecondsMean: 100,
      ahtSeconds: 120,
    })
  })

  it('keeps equal rows apart and the same from copy to copy', async () => {
    const row = 'q,2024-03-05T09:00:00,12,answered,100,,ann,\n'
    const items = await readText(header + row + row)
    expect(fold(toLedger(items)).dayReport('2024-03-05').queues[0]?.offered).toBe(2)
    expect(toLedger([...items, ...(await readText(header + row + row))])).toHaveLength(6)
  })

  it.each([
    ['no time', 'q,yesterday,1,answered,1,,a,c'],
    ['no such day', 'q,2024-02-30T10:00:00,1,answered,1,,a,c'],
    ['an outcome of nobody', 'q,2024-03-05T09:00:00,1,PHANTOM,1,,a,c'],
    ['a wait that is no number', 'q,2024-03-05T09:00:00,soon,answered,1,,a,c'],
    ['no queue', ',2024-03-05T09:00:00,1,answered,1,,a,c'],
    ['another shape', 'nonsense'],
  ])('rejects %s with its line and goes on', async (_name, row) => {
    const items = await readText(`${header}${row}\nq,2024-03-05T09:00:00,1,answered,1,,a,ok\n`)
    expect(items.find((item) => item.kind === 'rejected')).toMatchObject({ line: 2 })
    expect(count(items, 'event')).toBe(3)
  })

  it('rejects a file without its columns at the header', async () => {
    expect(await readText('a,b\n1,2\n3,4\n')).toMatchObject([{ kind: 'rejected', line: 1 }])
  })

  it('reads semicolons, quotes, a byte order mark and a file of another line end', async () => {
    const items = await readText(
      '\ufeffqueue;arrival;wait_seconds;outcome;talk_seconds\r\n"q;1";2024-03-05 09:00:00;1;answered;5\r\n',
    )
    expect(items[0]).toMatchObject({ kind: 'event', envelope: { data: { queueId: 'q;1' } } })
  })

  it('an unclosed quote costs its own line', async () => {
    const good = 'q,2024-03-05T09:00:00,1,abandoned,,,,'
    const rows = Array.from({ length: 300 }, (_, index) => `${good}k${index}`)
    const items = await readText(`${header}"q,2024-03-05T09:00:00,1,abandoned,,,,bad\n${rows.join('\n')}\n`)
    expect(count(items, 'rejected')).toBe(1)
    expect(count(items, 'event')).toBe(600)
  })
})

describe('maps', () => {
  it.each([
    [7, ''],
    [{ colour: { column: 'x' } }, '/colour'],
    [{ queue: {} }, '/queue'],
    [{ queue: { column: 7 } }, '/queue'],
    [{ queue: { column: 'x', colour: 'y' } }, '/queue'],
    [{ outcome: { column: 'o', values: { a: 1 } } }, '/outcome'],
    [{ skipWhere: {} }, '/skipWhere'],
  ])('points at what is wrong in %j', (value, pointer) => {
    expect(parseContactsMap(value)).toMatchObject({ ok: false, pointer })
  })

  it('names a column that the file does not have', async () => {
    const items = await readText('queue,arrival,outcome\n', mapOf({ wait_seconds: { column: 'w' } }))
    expect(items).toMatchObject([{ kind: 'rejected', reason: 'no column w for wait_seconds' }])
  })

  it('sets constants', async () => {
    const map = mapOf({ queue: { const: 'all' } })
    const items = await readText('arrival,outcome\n2024-03-05T09:00:00,left\n', map)
    expect(items[1]).toMatchObject({ envelope: { data: { queueId: 'all', reason: 'other' } } })
  })
})
