/** Files of CloudEvents and of interval history: what is read, and what each bad piece costs. */
import { describe, expect, it } from 'vitest'
import { readCloudEventsFile } from '../../../server/ingest/cloudevents-file.ts'
import { splitCsv } from '../../../server/ingest/csv-records.ts'
import { type IntervalContext, readIntervalCsv } from '../../../server/ingest/interval-csv.ts'
import { collect } from '../state/support.ts'

const context = { source: 'file', zone: 'UTC', nowMs: Date.UTC(2026, 0, 1) }
/** In pieces of one to a few bytes: no cut may matter. */
async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const one = (id: string, data: object = { contactId: 'c', queueId: 'q' }) => ({
  specversion: '1.0',
  id,
  source: 's',
  type: 'cc.contact.queued.v1',
  time: '2024-06-03T08:00:00Z',
  data,
})

describe('a file of events', () => {
  const read = async (text: string, size = 1 << 16) =>
    (await collect(readCloudEventsFile(pieces(text, size), context))).map((item) =>
      item.kind === 'event'
        ? item.envelope.id
        : item.kind === 'rejected'
          ? `${item.line} ${item.reason}`
          : item.kind,
    )
  const tricky = one('b', { contactId: 'a}{"[é', queueId: 'q', note: 'x\\"]},{' })

  it.each([1, 3, 7, 1 << 16])('reads lines and arrays in pieces of %i', async (size) => {
    const events = [one('a'), tricky, one('c')]
    const want = ['a', 'b', 'c']
    expect(await read(events.map((event) => JSON.stringify(event)).join('\n'), size)).toEqual(want)
    expect(await read(`${events.map((event) => JSON.stringify(event)).join('\r\n')}\r\n`, size)).toEqual(want)
    expect(await read(JSON.stringify(events), size)).toEqual(want)
    expect(await read(`\ufeff${JSON.stringify(events, null, 2)}\n`, size)).toEqual(want)
  })

  it.each([1, 5, 1 << 16])('loses a torn line and no other, in pieces of %i', async (size) => {
    const torn = JSON.stringify(tricky).slice(0, 60)
    const text = `${JSON.stringify(one('a'))}\n${torn}\nnonsense\n${JSON.stringify(one('c'))}\n{"id":`
    expect(await read(text, size)).toEqual([
      'a',
      '2 torn: the event does not end on its line',
      '3 no JSON object',
      'c',
      '5 torn: the file ends inside the event',
    ])
  })

  it('points into an event that is refused', async () => {
    expect(await read(JSON.stringify(one('a', { contactId: 'c' })))).toEqual(['1 /data/queueId: is missing'])
  })
})

describe('a file of intervals', () => {
  const read = (text: string, more: Partial<IntervalContext> = {}) =>
    collect(readIntervalCsv(pieces(text, 1 << 16), { source: 'h', zone: 'Europe/Paris', ...more }))

  it('reads labels of the zone and finds the length', async () => {
    const items = await read(
      'series,time,contacts,handle_seconds\nq,2024-03-30T23:30,5,900\nq,2024-03-31T00:00,4,\nq,2024-03-31T03:00,2,60\n',
    )
    expect(items).toMatchObject([
      {
        total: {
          queueId: 'q',
          startMs: Date.UTC(2024, 2, 30, 22, 30),
          intervalMinutes: 30,
          contacts: 5,
          handled: 5,
          handleSeconds: 900,
        },
      },
      { total: { startMs: Date.UTC(2024, 2, 30, 23), handleSeconds: 0 } },
      { total: { startMs: Date.UTC(2024, 2, 31, 1) } },
    ])
  })

  it('takes days, a queue given for the file, and the length that is told', async () => {
    expect(await read('date,time,calls\n', { queueId: 'q' })).toEqual([])
    expect(await read('time,contacts\n2024-03-01,7\n2024-03-02,8\n', { queueId: 'q' })).toMatchObject([
      { total: { queueId: 'q', intervalMinutes: 1440, contacts: 7 } },
      { total: { contacts: 8 } },
    ])
    expect(await read('series,time,contacts\nq,2024-03-01T10:00,7\n', { intervalMinutes: 15 })).toMatchObject(
      [{ total: { intervalMinutes: 15 } }],
    )
  })

  it.each([
    ['q,someday,5', 'no usable time'],
    ['q,2024-03-01T10:00,-5', 'contacts is no number of 0 or more'],
    ['q,2024-03-01T10:00,', 'contacts is no number of 0 or more'],
    [',2024-03-01T10:00,5', 'no series'],
  ])('rejects %s', async (row, reason) => {
    const items = await read(`series,time,contacts\n${row}\nq,2024-03-01T10:30,5\n`)
    expect(items).toMatchObject([{ kind: 'rejected', line: 2, reason }, { kind: 'interval' }])
  })

  it('needs its columns', async () => {
    expect(await read('a,b\n1,2\n')).toMatchObject([{ kind: 'rejected', line: 1 }])
  })
})

describe('splitCsv', () => {
  it.each([
    ['a,b,,', ['a', 'b', '', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",x', ['say "hi"', 'x']],
    ['"","",""', ['', '', '']],
    ['a"b,c', ['a"b', 'c']],
    ['"open,c', null],
  ])('%s', (text, want) => {
    expect(splitCsv(text, ',')).toEqual(want)
  })
})
