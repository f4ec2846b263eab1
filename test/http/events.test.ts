/** What becomes of bad input: each event has its own outcome, the rest of its batch goes on, and the counts show it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { event, NOW_MS, startTestServer, type TestServer } from './running-server.ts'

let server: TestServer
let authorization: string
beforeAll(async () => {
  server = await startTestServer()
  authorization = `Bearer ${await server.token('ingest')}`
})
afterAll(() => server.close())

const BATCH = 'application/cloudevents-batch+json'
const LINES = 'application/x-ndjson'
const post = (contentType: string, payload: string | Buffer) =>
  server.app.inject({
    method: 'POST',
    url: '/api/v1/events',
    headers: { authorization, 'content-type': contentType },
    payload,
  })
let number = 0
const queued = (fields: Record<string, unknown> = {}) => {
  number += 1
  const base = event(`e${number}`, 'cc.contact.queued.v1', { contactId: `c${number}`, queueId: 'orders' })
  return { ...base, ...fields }
}
const lastSeq = () => server.data.ledger.lastIngestSeq()

describe('outcomes', () => {
  test('one event, a batch and lines are each accepted', async () => {
    const one = await post('application/cloudevents+json', JSON.stringify(queued()))
    const batch = await post(BATCH, JSON.stringify([queued(), queued()]))
    const lines = await post(LINES, `${JSON.stringify(queued())}\n\n${JSON.stringify(queued())}\r\n`)
    expect([one, batch, lines].map((response) => response.json<{ accepted: number }>().accepted)).toEqual([
      1, 2, 2,
    ])
  })

  test('a wrong type of a field is refused with a pointer, the rest goes on', async () => {
    const bad = queued({ data: { contactId: 7, queueId: 'orders' } })
    const response = await post(
      BATCH,
      JSON.stringify([queued(), bad, queued({ type: 'cc.contact.sung.v1' }), 5, queued()]),
    )
    expect(response.statusCode).toBe(200)
    const { rejected, ...counts } = response.json()
    expect(counts).toEqual({ accepted: 2, duplicates: 0, conflicts: 0 })
    expect(rejected.map((one: { index: number; pointer: string }) => [one.index, one.pointer])).toEqual([
      [1, '/data/contactId'],
      [2, '/type'],
      [3, ''],
    ])
  })

  test('an unknown queue and agent are created with the defaults and flagged', async () => {
    const answer = event('new-a', 'cc.contact.answered.v1', {
      contactId: 'cn',
      queueId: 'surprise',
      agentId: 'newcomer',
    })
    const response = await post(
      BATCH,
      JSON.stringify([queued({ data: { contactId: 'cn', queueId: 'surprise' } }), answer]),
    )
    expect(response.json()).toMatchObject({ accepted: 2, rejected: [] })
    expect(server.data.settings.get('queue', 'surprise')).toMatchObject({ unconfirmed: true, clientId: null })
    expect(server.data.settings.get('agent', 'newcomer')).toMatchObject({ unconfirmed: true })
  })

  test('a time three days ahead is refused, one long past is accepted', async () => {
    const ahead = queued({ time: new Date(NOW_MS + 3 * 86_400_000).toISOString() })
    const past = queued({ time: new Date(NOW_MS - 3 * 86_400_000).toISOString() })
    const response = await post(BATCH, JSON.stringify([ahead, past]))
    expect(response.json()).toMatchObject({ accepted: 1, rejected: [{ index: 0, pointer: '/time' }] })
  })

  test('the same event twice is stored once; with another body it is a conflict and the first stays', async () => {
    const first = queued()
    await post(BATCH, JSON.stringify([first]))
    const before = await lastSeq()
    const changed = { ...first, data: { ...first.data, queueId: 'billing' } }
    expect((await post(BATCH, JSON.stringify([first, first]))).json()).toMatchObject({
      accepted: 0,
      duplicates: 2,
      conflicts: 0,
    })
    expect((await post(BATCH, JSON.stringify([changed]))).json()).toMatchObject({
      duplicates: 1,
      conflicts: 1,
    })
    expect(await lastSeq()).toBe(before)
    const [stored] = await server.data.ledger.readContact(first.data.contactId as string)
    expect(stored?.data.queueId).toBe('orders')
  })

  test('requests that share a commit are each told of their own events', async () => {
    const shared = queued()
    const other = { ...shared, data: { ...shared.data, queueId: 'billing' } }
    const replies = await Promise.all(
      [[shared, queued()], [shared], [other], [queued(), queued(), queued()]].map((batch) =>
        post(BATCH, JSON.stringify(batch)),
      ),
    )
    const counts = replies.map((reply) =>
      reply.json<{ accepted: number; duplicates: number; conflicts: number }>(),
    )
    expect(counts.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(5)
    expect(counts.map(({ accepted, duplicates }) => accepted + duplicates)).toEqual([2, 1, 1, 3])
    expect(counts[3]).toMatchObject({ accepted: 3, duplicates: 0, conflicts: 0 })
    expect(counts.reduce((sum, { conflicts }) => sum + conflicts, 0)).toBe(1)
  })

  test('events backwards in time fold to the same figures', async () => {
    const contactId = 'backwards'
    const at = (type: string, seconds: number, data = {}) =>
      event(
        `${contactId}-${type}`,
        `cc.contact.${type}.v1`,
        { contactId, queueId: 'billing', ...data },
        NOW_MS - 900_000 + seconds * 1_000,
      )
    await post(
      BATCH,
      JSON.stringify([
        at('ended', 70, { agentId: 'a' }),
        at('answered', 10, { agentId: 'a' }),
        at('queued', 0),
      ]),
    )
    const reader = `Bearer ${await server.token('read')}`
    const report = await server.app.inject({
      url: '/api/v1/reports/day?date=2026-03-02&queue=billing',
      headers: { authorization: reader },
    })
    expect(report.json().queues[0]).toMatchObject({
      offered: 1,
      answered: 1,
      asaSeconds: 10,
      talkSecondsMean: 60,
    })
  })

  test('a torn line is refused by its index, the lines around it are accepted', async () => {
    const response = await post(
      LINES,
      `${JSON.stringify(queued())}\n{"specversion":"1.0","id\n${JSON.stringify(queued())}`,
    )
    expect(response.json()).toMatchObject({ accepted: 2, rejected: [{ index: 1, pointer: '' }] })
    const letters = await server.data.ledger.deadLetters(null, 10)
    expect(letters.some(({ excerpt }) => excerpt === '{"specversion":"1.0","id')).toBe(true)
  })
})

describe('bodies that are no events', () => {
  test('what does not parse is 400, and nothing is stored', async () => {
    const before = await lastSeq()
    for (const [contentType, body] of [
      ['application/cloudevents+json', '{'],
      [BATCH, '{}'],
      [BATCH, '[1,'],
      [LINES, '  \n'],
    ] as const) {
      const response = await post(contentType, body)
      expect(response.statusCode, body).toBe(400)
      expect(response.headers['content-type']).toContain('application/problem+json')
    }
    expect((await post(BATCH, Buffer.from([0x5b, 0xff, 0xfe, 0x5d]))).statusCode).toBe(400)
    expect(await lastSeq()).toBe(before)
  })
  test('all refused is still 200, for the body parsed', async () => {
    const response = await post(BATCH, '[1, null, "x"]')
    expect(response.statusCode).toBe(200)
    expect(response.json<{ rejected: unknown[] }>().rejected).toHaveLength(3)
  })
  test('10 MB of text is 413 whatever it says it is', async () => {
    const text = 'x'.repeat(10_000_000)
    expect((await post(LINES, text)).statusCode).toBe(413)
    expect((await post(BATCH, text)).statusCode).toBe(413)
  })
  test('another content type is 415', async () => {
    expect((await post('text/plain', 'hello')).statusCode).toBe(415)
    expect((await post('application/json', '[]')).statusCode).toBe(415)
  })
})

describe('binary mode', () => {
  test('attributes are headers, data is the body', async () => {
    const headers = {
      authorization,
      'content-type': 'application/json; charset=utf-8',
      'ce-specversion': '1.0',
      'ce-id': 'binary-1',
      'ce-source': '/test',
      'ce-type': 'cc.contact.queued.v1',
      'ce-time': new Date(NOW_MS).toISOString(),
    }
    const send = (more: Record<string, string>, payload: string) =>
      server.app.inject({ method: 'POST', url: '/api/v1/events', headers: { ...headers, ...more }, payload })
    const data = JSON.stringify({ contactId: 'été', queueId: 'orders' })
    expect((await send({}, data)).json()).toMatchObject({ accepted: 1 })
    // The same event, told the other way, is the same event.
    const structured = event('binary-1', 'cc.contact.queued.v1', { contactId: 'été', queueId: 'orders' })
    expect((await post(BATCH, JSON.stringify([structured]))).json()).toMatchObject({
      duplicates: 1,
      conflicts: 0,
    })
    const encoded = await send({ 'ce-id': 'binary-%C3%A9' }, data)
    expect(encoded.json()).toMatchObject({ accepted: 1 })
    expect((await send({ 'ce-id': '' }, data)).json()).toMatchObject({
      rejected: [{ index: 0, pointer: '/id' }],
    })
    expect((await send({}, '{"torn":')).statusCode).toBe(400)
  })
})

test('refused lines are kept and given as CSV, safe for a spreadsheet, to administrators', async () => {
  await post(
    LINES,
    `=cmd()|"torn"\n${JSON.stringify(queued({ type: 'cc.contact.sung.v1', source: '/odd' }))}`,
  )
  const cookie = await server.cookie('administrator')
  const read = async (source: string) => {
    const url = `/api/v1/sources/dead-letters?source=${encodeURIComponent(source)}`
    return server.app.inject({ url, headers: { cookie } })
  }
  const own = await read('ingest token')
  expect(own.headers['content-type']).toMatch(/^text\/csv/)
  expect(own.body).toContain(`,"'=cmd()|""torn"""`)
  const odd = await read('/odd')
  expect(odd.body.split('\r\n')).toHaveLength(3)
  expect(odd.body).toMatch(/,1\/type,"unknown type of the cc. family/)
  expect((await read('/nobody')).body).toBe('received_at,place,reason,excerpt\r\n')
})

test('what is nested beyond all reason is refused, and the rest of its batch goes on', async () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
  const withRaw = (levels: number) =>
    JSON.stringify(queued()).replace('"data":{', `"data":{"odd":${nested(levels)},`)
  const response = await post(BATCH, `[${withRaw(60)},${withRaw(70)},${withRaw(5_000)},${nested(20_000)}]`)
  expect(response.statusCode).toBe(200)
  expect(response.json()).toMatchObject({
    accepted: 1,
    rejected: [
      { index: 1, pointer: '/data', detail: 'is nested deeper than 64 levels' },
      { index: 2, pointer: '/data' },
      { index: 3, pointer: '' },
    ],
  })
})

test('types that nobody knows are counted by name, and no number can be read in what was refused', async () => {
  const cookie = await server.cookie('supervisor')
  const data = { contactId: 'c-sung', queueId: 'orders', callerNumber: '+33612345678', tel: '0033612345678' }
  const sung = () => queued({ type: 'cc.contact.sung.v1', source: '/choir', data })
  await post(BATCH, JSON.stringify([sung(), sung(), queued({ type: 'cc.agent.hums.v1', source: '/choir' })]))
  await post(LINES, `${JSON.stringify(queued())}\n{"callerNumber":"0612345678",`)
  const states = await server.app.inject({ url: '/api/v1/sources', headers: { cookie } })
  const choir = states.json<{ source: string }[]>().find(({ source }) => source === '/choir')
  expect(choir).toMatchObject({
    rejected: 3,
    unknownVerbs: { 'cc.contact.sung.v1': 2, 'cc.agent.hums.v1': 1 },
  })
  expect(states.body).toContain('c-sung')
  expect(states.body).toContain('•78')
  expect(states.body).not.toContain('612345')
})

test('what a feed says of a queue is a proposal: in force until a person sets it up, followed until then', async () => {
  const told = (data: object) =>
    post(
      BATCH,
      JSON.stringify([queued({ type: 'cc.queue.configured.v1', data: { queueId: 'told', ...data } })]),
    )
  const weekdays = [1, 2, 3, 4, 5].map(() => [[480, 1080]])
  const hours = [...weekdays, [], []]
  await told({ name: 'Told sales', serviceLevelSeconds: 45, shortAbandonSeconds: 3, formula: 'SL3', hours })
  const queue = () => server.data.settings.get('queue', 'told')
  expect(queue()).toMatchObject({
    name: 'Told sales',
    answerThresholdSeconds: 45,
    shortAbandonSeconds: 3,
    formula: 'SL3',
    openingHours: hours,
    unconfirmed: true,
  })
  // Told anew it follows, as a version of the feed; what cannot be used changes nothing.
  await told({ serviceLevelSeconds: 30, shortAbandonSeconds: -1, formula: 'SL99', name: 7, hours: 'always' })
  expect(queue()).toMatchObject({ name: 'Told sales', answerThresholdSeconds: 30, shortAbandonSeconds: 3 })
  const history = await server.data.settings.history('queue', 'told')
  expect(history.map(({ changedBy }) => changedBy)).toEqual(['feed', 'feed'])
  await told({ serviceLevelSeconds: 30 })
  expect(await server.data.settings.history('queue', 'told')).toHaveLength(2)
  // From a person's version on the feed is only listened to.
  const body = { ...queue(), name: 'Sales of ours', answerThresholdSeconds: 15, unconfirmed: false }
  await server.data.settings.put({ kind: 'queue', id: 'told', baseVersion: 2, changedBy: 'Ann', body })
  await told({ name: 'Told again', serviceLevelSeconds: 90 })
  expect(queue()).toMatchObject({ name: 'Sales of ours', answerThresholdSeconds: 15 })
})

test('many queues that are told anew are counted again once', async () => {
  const told = (serviceLevelSeconds: number) =>
    post(
      BATCH,
      JSON.stringify(
        Array.from({ length: 30 }, (_, index) =>
          queued({ type: 'cc.queue.configured.v1', data: { queueId: `many-${index}`, serviceLevelSeconds } }),
        ),
      ),
    )
  await told(30)
  let changes = 0
  const end = server.data.settings.onChange(() => {
    changes += 1
  })
  await told(40)
  end()
  expect(changes).toBe(1)
  expect(server.data.settings.get('queue', 'many-29')).toMatchObject({ answerThresholdSeconds: 40 })
})

test('names that no encoding can write are refused, counted and shown, and harm nothing beside them', async () => {
  const source = '/odd-names'
  const half = '\ud83d'
  const data = { contactId: 'c', queueId: 'orders' }
  const odd = [
    queued({ source, data: { ...data, contactId: `c${half}` } }),
    queued({ source, data: { ...data, contactId: 'c\u0000' } }),
    queued({ source, type: `cc.contact.${half}.v1` }),
    queued({ source, type: 'cc.contact.\ud83e.v1' }),
    queued({ source, type: 'cc.contact.\u0000.v1' }),
    queued({ source, id: `e${half}` }),
    queued({ source, data: { ...data, [`note${half}`]: `\u0000${half}` } }),
    queued({ source }),
  ]
  const answer = await post(BATCH, JSON.stringify(odd))
  expect(answer.statusCode).toBe(200)
  const body = answer.json<{ accepted: number; rejected: { index: number; pointer: string }[] }>()
  expect(body.rejected.map(({ index, pointer }) => [index, pointer])).toEqual([
    [0, '/data/contactId'],
    [1, '/data/contactId'],
    [2, '/type'],
    [3, '/type'],
    [4, '/type'],
    [5, '/id'],
  ])
  // A field of theirs is kept as JSON, in which all of it can be written.
  expect(body.accepted).toBe(2)
  const cookie = await server.cookie('administrator')
  const states = await server.app.inject({ url: '/api/v1/sources', headers: { cookie } })
  const found = states
    .json<{ source: string; rejected: number; deadLetters: { reason: string }[] }[]>()
    .find((one) => one.source === source)
  expect(found).toMatchObject({ rejected: 6, unknownVerbs: { 'cc.contact.\ufffd.v1': 3 } })
  expect(found?.deadLetters.map(({ reason }) => reason)).toContain('holds half of a surrogate pair')
})

test('a queue that tells where it is lies there, unless somebody has set it up', async () => {
  const configured = (queueId: string, zone: string) =>
    queued({ type: 'cc.queue.configured.v1', data: { queueId, zone } })
  await post(BATCH, JSON.stringify([configured('tokyo', 'Asia/Tokyo'), configured('orders', 'Asia/Tokyo')]))
  await post(
    BATCH,
    JSON.stringify([configured('nowhere', 'Mars/Olympus'), configured('tokyo', 'Europe/Paris')]),
  )
  const zoneOf = (queueId: string) => server.data.settings.get('queue', queueId)?.zone
  expect([zoneOf('tokyo'), zoneOf('orders'), zoneOf('nowhere')]).toEqual([
    'Asia/Tokyo',
    'UTC',
    server.data.settings.site().zone,
  ])
})
