/** The same log in every shape in which people export it: the same figures; and of what is none of them, a clear word. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ImportItem } from '../../../server/ingest/import-item.ts'
import { readQueueLog } from '../../../server/ingest/queue-log/read-queue-log.ts'
import { decodeLine, readLines } from '../../../server/ingest/text-lines.ts'
import { collect, fold, sample, toLedger } from '../state/support.ts'

const context = { source: 'pbx', zone: 'UTC', nowMs: Date.UTC(2026, 0, 1) }
async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}
const read = (bytes: Buffer): Promise<ImportItem[]> => collect(readQueueLog([once(bytes)], context))
function figuresOf(items: readonly ImportItem[]) {
  const events = toLedger(items)
  const days = new Set(events.map(({ occurredAtMs }) => new Date(occurredAtMs).toISOString().slice(0, 10)))
  const state = fold(events)
  return [...days].sort().map((day) => state.dayReport(day).queues)
}
const faults = (items: readonly ImportItem[]) =>
  items.flatMap((item) => (item.kind === 'rejected' ? [item.reason] : []))

const HEADER = [
  'id',
  'time',
  'callid',
  'queuename',
  'agent',
  'event',
  'data1',
  'data2',
  'data3',
  'data4',
  'data5',
]
const TABLE: readonly (readonly string[])[] = [
  HEADER,
  ['1', '2023-01-18 13:35:42', 'NONE', 'NONE', 'NONE', 'QUEUESTART', '', '', '', '', ''],
  ['2', '2023-01-18 13:36:00', '9.1', 'sales', 'NONE', 'ENTERQUEUE', '', '0612345678', '1', '', ''],
  ['3', '2023-01-18 13:36:12', '9.1', 'sales', 'Zoë Müller', 'CONNECT', '12', '9.2', '5', '', ''],
  ['4', '2023-01-18 13:37:12', '9.1', 'sales', 'Zoë Müller', 'COMPLETECALLER', '12', '60', '1', '', ''],
  ['5', '2023-01-18 13:38:00', '9.3', 'sales', 'NONE', 'ENTERQUEUE', '', '0612345679', '1', '', ''],
  ['6', '2023-01-18 13:38:09', '9.3', 'sales', 'NONE', 'ABANDON', '1', '1', '9', '', ''],
]
const REAL = sample('feeds/asterisk-queue_log/malariapbx-2023/queue_log.csv')
const tables: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ['a table', TABLE],
  ...(REAL === null
    ? []
    : [
        [
          'the sample',
          readFileSync(REAL, 'utf8')
            .trim()
            .split('\n')
            .map((line) => line.split(',')),
        ] as const,
      ]),
]

type Row = readonly string[]
const rowsAs = (table: readonly Row[], change: (row: Row, index: number) => Row, joint = ',', end = '\n') =>
  Buffer.from(table.map((row, index) => change(row, index).join(joint)).join(end) + end)
const same = (row: Row) => row
const timesAs = (table: readonly Row[], change: (time: string) => string) =>
  rowsAs(table, (row, index) => row.map((cell, at) => (index > 0 && at === 1 ? change(cell) : cell)))
const headerAs = (table: readonly Row[], change: (name: string) => string) =>
  rowsAs(table, (row, index) => (index === 0 ? row.map(change) : row))
const epoch = (time: string) => String(Date.parse(`${time}Z`) / 1000)
const framed = (table: readonly Row[]) => {
  const ruler = `+${HEADER.map(() => '----').join('+')}+\n`
  const [head = [], ...rows] = table.map((row) => `| ${row.join(' | ')} |\n`)
  return Buffer.from(ruler + head + ruler + rows.join('') + ruler)
}
const printed = (table: readonly Row[]) => {
  const [head = '', ...rows] = table.map((row) => ` ${row.join(' | ')}\n`)
  return Buffer.from(`${head}${HEADER.map(() => '----').join('+')}\n${rows.join('')}(${rows.length} rows)\n`)
}

const SHAPES: Readonly<Record<string, (table: readonly Row[]) => Buffer>> = {
  semicolons: (table) => rowsAs(table, same, ';'),
  tabs: (table) => rowsAs(table, same, '\t'),
  bars: (table) => rowsAs(table, same, '|'),
  'every cell in quotes': (table) => rowsAs(table, (row) => row.map((cell) => `"${cell}"`)),
  'bars and quotes': (table) => rowsAs(table, (row) => row.map((cell) => `"${cell}"`), '|'),
  'a blank after each comma': (table) => rowsAs(table, same, ', '),
  'CRLF line ends': (table) => rowsAs(table, same, ',', '\r\n'),
  'a byte order mark': (table) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), rowsAs(table, same)]),
  'UTF-16 as spreadsheets save it': (table) =>
    Buffer.from(`\ufeff${rowsAs(table, same, '\t').toString('utf8')}`, 'utf16le'),
  'Windows-1252': (table) => Buffer.from(rowsAs(table, same).toString('utf8'), 'latin1'),
  gzip: (table) => gzipSync(rowsAs(table, same)),
  'names in capitals': (table) => headerAs(table, (name) => name.toUpperCase()),
  'names with underscores': (table) =>
    headerAs(table, (name) => name.replace('callid', 'call_id').replace('queuename', 'Queue Name')),
  'another order of columns, and more of them': (table) =>
    rowsAs(table, (row, index) => [...row].reverse().concat(index === 0 ? 'serverid' : 'pbx-1')),
  microseconds: (table) => timesAs(table, (time) => `${time}.896208`),
  'an offset of whole hours': (table) => timesAs(table, (time) => `${time}+00`),
  'RFC 3339 times': (table) => timesAs(table, (time) => `${time.replace(' ', 'T')}Z`),
  'slashes in dates': (table) => timesAs(table, (time) => time.replaceAll('-', '/')),
  'epoch seconds': (table) => timesAs(table, epoch),
  'NULL for nothing': (table) => rowsAs(table, (row) => row.map((cell) => (cell === '' ? 'NULL' : cell))),
  '\\N for nothing': (table) => rowsAs(table, (row) => row.map((cell) => (cell === '' ? '\\N' : cell))),
  'the newest row first': ([head = [], ...rows]) => rowsAs([head, ...rows.reverse()], same),
  'blank lines': (table) => rowsAs(table, same, ',', '\n\n'),
  'one column of data': (table) =>
    rowsAs(table, (row, index) => [...row.slice(0, 6), index === 0 ? 'data' : `"${row.slice(6).join('|')}"`]),
  'a table as a client prints it': framed,
  'a table as another client prints it': printed,
}

describe.each(tables)('%s', (_name, table) => {
  it.each(Object.entries(SHAPES))('reads the same from %s', async (_shape, shaped) => {
    const want = figuresOf(await read(rowsAs(table, same)))
    const items = await read(shaped(table))
    expect(faults(items)).toEqual([])
    expect(figuresOf(items)).toEqual(want)
  })
})

it('says what is missing of another program’s columns, and reads nothing by guess', async () => {
  const without = (name: string) => {
    const at = HEADER.indexOf(name)
    return rowsAs(TABLE, (row) => row.filter((_cell, index) => index !== at))
  }
  for (const name of ['time', 'callid', 'queuename', 'agent', 'event']) {
    const items = await read(without(name))
    expect(items).toHaveLength(1)
    expect(faults(items)[0]).toMatch(new RegExp(`has no ${name}$`))
  }
  expect(faults(await read(rowsAs(TABLE.slice(1), same)))[0]).toContain('its header needs time, callid')
  expect(faults(await read(Buffer.from('hello\nthis is no log\n')))).toEqual([
    'fewer than five fields',
    'fewer than five fields',
  ])
  expect(await read(Buffer.alloc(0))).toEqual([])
})

it('refuses NUL characters and times that cannot be, row by row', async () => {
  const rows = [
    '1674048960|a\u0000b|sales|NONE|ENTERQUEUE||1|1',
    '1674048960|ab|sal\u0000es|NONE|ENTERQUEUE||1|1',
    '|c|sales|NONE|ENTERQUEUE||1|1',
    'NULL|c|sales|NONE|ENTERQUEUE||1|1',
    '1674048960000|c|sales|NONE|ENTERQUEUE||1|1',
    '4048960|c|sales|NONE|ENTERQUEUE||1|1',
    '1674048960|good|sales|NONE|ENTERQUEUE||1|1',
  ]
  const items = await read(Buffer.from(`${rows.join('\n')}\n`))
  expect(faults(items)).toEqual([
    'a NUL character',
    'a NUL character',
    ...Array<string>(4).fill('no usable time'),
  ])
  expect(toLedger(items).map(({ data }) => data.contactId)).toEqual(['good'])
})

describe('text', () => {
  it('keeps names apart whose letters are not UTF-8', async () => {
    expect(decodeLine(Buffer.from('Zo\u00eb', 'latin1'))).toBe('Zoë')
    expect(decodeLine(Buffer.from('Zo\u00e8', 'latin1'))).toBe('Zoè')
    expect(decodeLine(Buffer.from('Zoë'))).toBe('Zoë')
  })

  it('is the same in whatever pieces it comes, line by line in its own encoding', async () => {
    const line = fc
      .array(fc.constantFrom('a', 'é', '€', '😀', '|', ' '), { maxLength: 12 })
      .map((all) => all.join(''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(line, fc.boolean()), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        async (lines, cuts) => {
          const parts = lines.map(([text, isOld]) => {
            const old = text.replaceAll('€', '').replaceAll('😀', '')
            return isOld
              ? { text: old, bytes: Buffer.from(old, 'latin1') }
              : { text, bytes: Buffer.from(text) }
          })
          const bytes = Buffer.concat(parts.flatMap((part) => [part.bytes, Buffer.from('\n')]))
          const places = [
            0,
            ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
            bytes.length,
          ]
          async function* pieces() {
            for (const [index, to] of places.slice(1).entries()) yield bytes.subarray(places[index] ?? 0, to)
          }
          const found = (await collect(readLines(pieces()))).flat().map(({ text }) => text)
          expect(found).toEqual(parts.map(({ text }) => text))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('cuts no character of a line that is longer than any piece', async () => {
    const letters = '€'.repeat(200_000)
    const bytes = Buffer.from(`${letters}\n${letters}${letters}\nnext\n`)
    for (const size of [65_536, 65_537, 100_003]) {
      async function* pieces() {
        for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
      }
      const lines = (await collect(readLines(pieces()))).flat()
      expect(lines.map(({ tooLong }) => tooLong)).toEqual([false, true, false])
      expect(lines[0]?.text === letters).toBe(true)
      expect(lines[1]?.text).toMatch(/^€+$/)
      expect(lines[2]?.text).toBe('next')
    }
  })
})
