/** The traps of Asterisk's queue log: torn and foreign lines, swapped call ids, dialects, pauses said twice, clocks that go back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ImportItem } from '../../../server/ingest/import-item.ts'
import { readQueueLog } from '../../../server/ingest/queue-log/read-queue-log.ts'
import { collect, fold, settings, toLedger } from '../state/support.ts'

const context = { source: 'pbx', zone: 'UTC', nowMs: Date.UTC(2026, 0, 1) }
async function* bytes(content: string | Buffer): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content)
}
const read = (...files: (string | Buffer)[]): Promise<ImportItem[]> =>
  collect(
    readQueueLog(
      files.map((file) => bytes(file)),
      context,
    ),
  )
const report = (items: readonly ImportItem[], date: string, queue: string) =>
  fold(toLedger(items))
    .dayReport(date)
    .queues.find((row) => row.queue === queue)
const rejected = (items: readonly ImportItem[]) =>
  items.flatMap((item) => (item.kind === 'rejected' ? [[item.line, item.reason]] : []))

// 2024-06-03T06:40:00Z
const T = 1717396800
const day = '2024-06-03'
const lines = (...rows: string[]) => `${rows.join('\n')}\n`

describe('the file', () => {
  const call = [
    `${T}|c1|q|NONE|ENTERQUEUE||0612345678|1`,
    `${T + 8}|c1|q|SIP/1|RINGNOANSWER|8000`,
    `${T + 12}|c1|q|SIP/2|CONNECT|12|c2|4`,
    `${T + 42}|c1|q|SIP/2|COMPLETECALLER|12|30|1`,
  ]

  it('reads a call', async () => {
    const row = report(await read(lines(...call)), day, 'q')
    expect(row).toMatchObject({ offered: 1, answered: 1, asaSeconds: 12, talkSecondsMean: 30 })
    expect(row?.agents).toMatchObject([
      { agent: 'SIP/1', ringNoAnswer: 1, answered: 0 },
      { agent: 'SIP/2', answered: 1, talkSeconds: 30 },
    ])
  })

  it('gives the same events from a copy, a gzipped copy and CRLF line ends', async () => {
    const once = toLedger(await read(lines(...call)))
    expect(toLedger(await read(gzipSync(lines(...call))))).toEqual(once)
    expect(toLedger(await read(`\ufeff${call.join('\r\n')}\r\n`))).toEqual(once)
    expect(toLedger([...(await read(lines(...call))), ...(await read(lines(...call)))])).toHaveLength(4)
  })

  it('keeps ids and order when the file grows', async () => {
    const before = toLedger(await read(lines(...call.slice(0, 2))))
    expect(toLedger(await read(lines(...call))).slice(0, 2)).toEqual(before)
  })

  it('rejects what is no row, with its line, and goes on', async () => {
    const items = await read(
      lines(
        'garbage',
        `NULL|c0|q|NONE|ENTERQUEUE||1|1`,
        `${T}000|c0|q|NONE|ENTERQUEUE||1|1`,
        ...call,
        `${T}|NONE|q|NONE|ENTERQUEUE||1|1`,
      ),
    )
    expect(rejected(items)).toEqual([
      [1, 'fewer than five fields'],
      [2, 'no usable time'],
      [3, 'no usable time'],
      [8, 'ENTERQUEUE: no call id'],
    ])
    expect(report(items, day, 'q')).toMatchObject({ offered: 1, answered: 1 })
  })

  it('counts verbs that nobody knows and those without meaning, and lets the log end with them', async () => {
    const items = await read(
      lines(
        `${T}|MANAGER|q|SIP/1|ADDMEMBER|`,
        `${T + 60}|c9|q|NONE|DID|555`,
        `${T + 100}|c9|q|NONE|OWNVERB|x`,
      ),
    )
    expect(items.map((item) => item.kind)).toEqual(['event', 'skipped', 'unknown-verb', 'event'])
    expect(report(items, day, 'q')?.agents).toMatchObject([{ agent: 'SIP/1', loggedInSeconds: 100 }])
  })

  it('does not take a torn last line for a row', async () => {
    const torn = `${lines(...call.slice(0, 3))}${call[3]?.slice(0, -5)}`
    expect(rejected(await read(torn))).toEqual([[4, 'torn: the last line has no line end and is not whole']])
    expect(rejected(await read(`${lines(...call.slice(0, 3))}${call[3]}`))).toEqual([])
  })

  it('joins a line that the rotation cut', async () => {
    const whole = lines(...call)
    const want = report(await read(whole), day, 'q')
    const at = whole.indexOf('CONNECT') + 3
    expect(report(await read(whole.slice(0, at), whole.slice(at)), day, 'q')).toEqual(want)
  })

  it('takes file order before the clock', async () => {
    const back = T - 5 * 3600
    const items = await read(
      lines(
        `${T}|c1|q|NONE|ENTERQUEUE||1|1`,
        `${back}|c1|q|SIP/2|CONNECT|7|x|4`,
        `${back + 20}|c1|q|SIP/2|COMPLETEAGENT|7|20|1`,
      ),
    )
    expect(report(items, day, 'q')).toMatchObject({
      offered: 1,
      answered: 1,
      asaSeconds: 7,
      talkSecondsMean: 20,
    })
  })

  it('follows a call from one queue into the next under one id', async () => {
    const items = await read(
      lines(
        `${T}|c1|q1|NONE|ENTERQUEUE||1|1`,
        `${T + 30}|c1|q1|NONE|EXITWITHTIMEOUT|1|1|30`,
        `${T + 31}|c1|q2|NONE|ENTERQUEUE||1|1`,
        `${T + 35}|c1|q2|SIP/1|CONNECT|4|x|4`,
        `${T + 50}|c1|q2|SIP/1|BLINDTRANSFER|100|ctx|4|15|1`,
      ),
    )
    expect(report(items, day, 'q1')).toMatchObject({ offered: 1, flowedOut: 1, answered: 0 })
    expect(report(items, day, 'q2')).toMatchObject({
      offered: 1,
      answered: 1,
      transfers: 1,
      talkSecondsMean: 15,
    })
  })

  it('reads exits, a withdrawal and both forms of an attended transfer', async () => {
    const enter = (id: string) => `${T}|${id}|q|NONE|ENTERQUEUE||1|1`
    const connect = (id: string) => `${T + 5}|${id}|q|SIP/${id}|CONNECT|5|x|4`
    const items = await read(
      lines(
        ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(enter),
        `${T + 9}|a|q|NONE|EXITEMPTY|1|1|9`,
        `${T + 9}|b|q|NONE|EXITWITHKEY|2|1|1|9`,
        `${T + 9}|c|q|NONE|WITHDRAW|1|1|9|why`,
        `${T + 9}|d|q|NONE|SYSCOMPAT|`,
        ...['e', 'f'].map(connect),
        `${T + 25}|e|q|SIP/e|ATTENDEDTRANSFER|BRIDGE|id|5|20|1`,
        `${T + 25}|f|q|SIP/f|ATTENDEDTRANSFER|LINK|ch1|ch2|5|20|1`,
        `${T + 26}|g|q|SIP/9|AGENTDUMP|`,
      ),
    )
    expect(report(items, day, 'q')).toMatchObject({
      offered: 7,
      answered: 2,
      flowedOut: 4,
      waiting: 1,
      transfers: 2,
      talkSecondsMean: 20,
    })
  })

  it('puts swapped call ids back, with and without the row of the transfer', async () => {
    const rows = [
      `${T}|A|1501|NONE|ENTERQUEUE||79001112233|1`,
      `${T + 10}|A|1501|PJSIP/7009|CONNECT|10|x|4`,
      `${T + 60}|B|1509|NONE|ENTERQUEUE||7009|1`,
      `${T + 70}|B|1501|PJSIP/7009|ATTENDEDTRANSFER|BRIDGE|b1|10|60|1`,
      `${T + 75}|A|1509|PJSIP/7100|CONNECT|15|y|4`,
      `${T + 95}|A|1509|PJSIP/7100|COMPLETECALLER|15|20|1`,
    ]
    const file = await read(lines(...rows))
    expect(report(file, day, '1501')).toMatchObject({
      offered: 1,
      answered: 1,
      transfers: 1,
      talkSecondsMean: 60,
    })
    expect(report(file, day, '1509')).toMatchObject({
      offered: 1,
      answered: 1,
      asaSeconds: 15,
      talkSecondsMean: 20,
    })
    expect(fold(toLedger(file)).quality().orphanEvents).toBe(0)
    const table = await read(lines(...rows.filter((row) => !row.includes('ATTENDEDTRANSFER'))))
    expect(report(table, day, '1509')).toMatchObject({ offered: 1, answered: 1, talkSecondsMean: 20 })
    // Both ids are said to be one contact, and either finds all of it.
    for (const items of [file, table]) {
      const state = fold(toLedger(items))
      expect([...state.contactIds('B')].sort()).toEqual(['A', 'B'])
      expect(state.contactVisits('A').map(({ queueId }) => queueId)).toEqual(['1501', '1509'])
    }
  })
})

describe('members and pauses', () => {
  const last = `${T + 1000}|NONE|NONE|NONE|CONFIGRELOAD|`
  const figures = async (...rows: string[]) => {
    const items = await read(lines(...rows, last))
    const all = fold(toLedger(items)).dayReport(day).queues
    return Object.fromEntries(
      all.flatMap((row) =>
        (row.agents ?? []).map((one) => [
          `${row.queue} ${one.agent}`,
          [one.loggedInSeconds, one.notReadySeconds],
        ]),
      ),
    )
  }

  it('counts PAUSEALL and its rows by queue once', async () => {
    expect(
      await figures(
        `${T}|MANAGER|q1|SIP/1|ADDMEMBER|`,
        `${T}|MANAGER|q2|SIP/1|ADDMEMBER|PAUSED`,
        `${T + 50}|MANAGER|q2|SIP/1|UNPAUSE|`,
        `${T + 100}|NONE|NONE|SIP/1|PAUSEALL|lunch`,
        `${T + 100}|NONE|q1|SIP/1|PAUSE|lunch`,
        `${T + 100}|NONE|q2|SIP/1|PAUSE|lunch`,
        `${T + 300}|NONE|NONE|SIP/1|UNPAUSEALL|`,
        `${T + 300}|NONE|q1|SIP/1|UNPAUSE|`,
        `${T + 300}|NONE|q2|SIP/1|UNPAUSE|`,
        `${T + 600}|MANAGER|q1|SIP/1|REMOVEMEMBER|`,
      ),
    ).toEqual({ 'q1 SIP/1': [600, 200], 'q2 SIP/1': [1000, 250] })
  })

  it('bears repeats, a second reason and a removal of nobody', async () => {
    expect(
      await figures(
        `${T}|MANAGER|q1|SIP/1|ADDMEMBER|`,
        `${T + 10}|MANAGER|q1|SIP/1|ADDMEMBER|`,
        `${T + 100}|NONE|q1|SIP/1|PAUSE|lunch`,
        `${T + 200}|NONE|q1|SIP/1|PAUSE|training`,
        `${T + 300}|NONE|q1|SIP/1|UNPAUSE|`,
        `${T + 310}|NONE|q1|SIP/1|UNPAUSE|`,
        `${T + 400}|MANAGER|q1|SIP/2|REMOVEMEMBER|`,
        `${T + 500}|NONE|NONE|SIP/1|AGENTLOGOFF|x|400`,
      ),
    ).toEqual({ 'q1 SIP/1': [1000, 200] })
  })
})

describe('the table', () => {
  const header = 'id,time,callid,queuename,agent,event,data1,data2,data3,data4,data5'

  it('reads local times, the id as the order, and the joined fifth column', async () => {
    const items = await collect(
      readQueueLog(
        [
          bytes(
            lines(
              header,
              '10,2024-06-03 09:49:50.250000,A,q,NONE,ENTERQUEUE,,1,1,,',
              '12,2024-06-03 09:50:30,A,q,SIP/1,ATTENDEDTRANSFER,LINK,ch1,ch2,10,30|1',
              '11,2024-06-03 09:50:00,A,q,SIP/1,CONNECT,10,x,4,,',
              '13,NULL,A,q,SIP/1,CONNECT,10,x,4,,',
            ),
          ),
        ],
        { ...context, zone: 'Europe/Moscow' },
      ),
    )
    expect(rejected(items)).toEqual([[5, 'no usable time']])
    const first = items[0]
    expect(first?.kind === 'event' && first.envelope.occurredAtMs).toBe(Date.UTC(2024, 5, 3, 6, 49, 50, 250))
    const row = fold(toLedger(items), settings('Europe/Moscow')).dayReport(day).queues[0]
    expect(row).toMatchObject({ offered: 1, answered: 1, transfers: 1, talkSecondsMean: 30 })
  })

  it('says of which columns it has none', async () => {
    const items = await read('calldate,src,dst\n2024-01-01,1,2\n')
    expect(items).toHaveLength(1)
    expect(items[0]).toMatchObject({ kind: 'rejected', line: 1 })
  })

  it('tells the two hours of a clock change apart by the rows before', async () => {
    const row = (time: string) => `2024-10-27 ${time},c${time},q,NONE,ENTERQUEUE,,,1,,`
    const items = await collect(
      readQueueLog(
        [bytes(lines(header.slice(3), row('02:10:00'), row('02:50:00'), row('02:05:00'), row('03:00:00')))],
        { ...context, zone: 'Europe/Paris' },
      ),
    )
    const hours = items.map(
      (item) => item.kind === 'event' && new Date(item.envelope.occurredAtMs).toISOString().slice(11, 16),
    )
    expect(hours).toEqual(['00:10', '00:50', '01:05', '02:00'])
  })
})

describe('long files', () => {
  it('reads 300 000 rows in their order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigie-queue-log-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'queue_log')
    const rows: string[] = []
    for (let call = 0; call < 100_000; call += 1) {
      rows.push(`${T + call}|c${call}|q|NONE|ENTERQUEUE||1|1`)
      rows.push(`${T + call + 1}|c${call}|q|SIP/1|CONNECT|1|x|1`)
      rows.push(`${T + call + 9}|c${call}|q|SIP/1|COMPLETEAGENT|1|8|1`)
    }
    writeFileSync(path, `${rows.join('\n')}\n`)
    let events = 0
    let previous = ''
    for await (const item of readQueueLog([path], context)) {
      if (item.kind !== 'event') throw new Error(item.kind)
      events += 1
      const sequence = item.envelope.sequence ?? ''
      if (sequence <= previous) throw new Error('order')
      previous = sequence
    }
    expect(events).toBe(300_000)
  })
})
