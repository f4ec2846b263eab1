/** Composed boards over HTTP and their sockets: versions, refusals that point at the place, links that open once and end. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import type { Board, ServerMessage } from '../../server/wire/board.ts'
import type {
  BoardComposition,
  BoardLink,
  BoardVersion,
  NewBoardLink,
} from '../../server/wire/board-composition.ts'
import { composition } from '../push/fake-viewers.ts'
import { answeredCall, startTestServer, type TestServer } from './running-server.ts'

let server: TestServer
let supervisor = ''

beforeAll(async () => {
  server = await startTestServer()
  supervisor = await server.cookie('supervisor')
  const ingest = await server.token('ingest')
  const events = [...answeredCall('orders', 'c1', 'anna', 5), ...answeredCall('billing', 'c2', 'bert', 9)]
  const reply = await server.app.inject({
    method: 'POST',
    url: '/api/v1/events',
    headers: { authorization: `Bearer ${ingest}`, 'content-type': 'application/cloudevents-batch+json' },
    payload: JSON.stringify(events),
  })
  expect(reply.statusCode).toBe(200)
})
afterAll(() => server.close())

async function call<T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  cookie = supervisor,
) {
  const reply = await server.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  return {
    status: reply.statusCode,
    body: (reply.body === '' ? undefined : JSON.parse(reply.body)) as T,
    cookie: String(reply.headers['set-cookie'] ?? '').split(';', 1)[0] ?? '',
  }
}
const create = async (body: BoardComposition) => (await call<BoardVersion>('POST', '/boards', { body })).body

/** A socket's messages as they come, and the code it is closed with. */
function watch(path: string, cookie: string) {
  const messages: ServerMessage[] = []
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1${path}`, { headers: { cookie } })
  const closed = new Promise<number>((resolve, reject) => {
    socket.on('close', resolve)
    socket.on('error', reject)
  })
  const snapshot = new Promise<Board>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ServerMessage
      messages.push(message)
      if (message.type === 'snapshot') resolve(message.board)
    })
  })
  closed.catch(() => undefined)
  snapshot.catch(() => undefined)
  return { socket, messages, closed, snapshot }
}

describe('boards', () => {
  test('are stored as versions; an edit of an older one is refused; deleted ones come back', async () => {
    const first = await create(composition(['orders']))
    const path = `/boards/${first.boardId}`
    const body = composition(['orders'], { name: 'Second' })
    const second = await call<BoardVersion>('PUT', path, { version: 1, body })
    expect(second.body).toMatchObject({ version: 2, changedBy: 'supervisor', body: { name: 'Second' } })
    const late = await call<{ type: string }>('PUT', path, { version: 1, body })
    expect([late.status, late.body.type]).toEqual([409, expect.stringContaining('board-changed')])
    expect((await call('PUT', path, { version: 2, body: null })).status).toBe(200)
    expect((await call('GET', path)).status).toBe(404)
    expect((await call('PUT', path, { version: 3, body })).status).toBe(200)
    const history = await call<BoardVersion[]>('GET', `${path}/history`)
    expect(history.body.map(({ version, body: kept }) => [version, kept?.name ?? null])).toEqual([
      [4, 'Second'],
      [3, null],
      [2, 'Second'],
      [1, 'Board'],
    ])
  })

  test.each([
    [
      'a threshold without room for amber',
      { thresholds: { amberFrom: 60, redFrom: 60 } },
      '/body/pages/0/tiles/0/thresholds/redFrom',
    ],
    [
      'a column without room for amber',
      {
        kind: 'queues',
        measure: null,
        columnThresholds: { waiting: { amberFrom: 5, redFrom: 9 }, free: { amberFrom: 1, redFrom: 2 } },
      },
      '/body/pages/0/tiles/0/columnThresholds/free/redFrom',
    ],
    [
      'columns of what is no table',
      { columnThresholds: { waiting: { amberFrom: 5, redFrom: 9 } } },
      '/body/pages/0/tiles/0/columnThresholds',
    ],
    ['a figure without a measure', { measure: null }, '/body/pages/0/tiles/0/measure'],
    [
      'a list that names no queue',
      { scope: { kind: 'queues', queueIds: [] } },
      '/body/pages/0/tiles/0/scope/queueIds',
    ],
  ])('refuse %s and say where', async (_, change, pointer) => {
    const board = composition(['orders'])
    const tile = { ...board.pages[0]?.tiles[0], kind: 'figure', measure: 'longest-wait', ...change }
    const body = { ...board, pages: [{ ...board.pages[0], tiles: [tile] }] }
    const before = (await call<BoardVersion[]>('GET', '/boards')).body.length
    const reply = await call<{ errors: { pointer: string }[] }>('POST', '/boards', { body })
    expect([reply.status, reply.body.errors.map((error) => error.pointer)]).toEqual([422, [pointer]])
    expect((await call<BoardVersion[]>('GET', '/boards')).body).toHaveLength(before)
  })

  test('refuse what has not the shape of a board: unknown kinds, fields, 1 000 tiles', async () => {
    const board = composition(['orders'])
    const tile = board.pages[0]?.tiles[0]
    for (const wrong of [
      { ...board, colour: 'pink' },
      { ...board, pages: [] },
      { ...board, pages: [{ id: 'p', title: '', tiles: [{ ...tile, kind: 'horoscope' }] }] },
      { ...board, pages: [{ id: 'p', title: '', tiles: Array(1_000).fill(tile) }] },
      { ...board, name: 'x'.repeat(81) },
      {
        ...board,
        pages: [
          {
            id: 'p',
            title: '',
            tiles: [{ ...tile, columnThresholds: { moon: { amberFrom: 1, redFrom: 2 } } }],
          },
        ],
      },
    ])
      expect((await call('POST', '/boards', { body: wrong })).status).toBe(400)
  })

  test('P17 P18 are watched with the queues and parts that their tiles need, and follow a new version at once', async () => {
    const stored = await create(composition(['orders', 'gone'], { agents: true }))
    const viewer = watch(`/live?board=${stored.boardId}`, supervisor)
    const board = await viewer.snapshot
    expect(board.queues.map(({ queueId }) => queueId)).toEqual(['orders'])
    expect(viewer.messages.map(({ type }) => type).slice(0, 3)).toEqual(['hello', 'composition', 'snapshot'])
    await call('PUT', `/boards/${stored.boardId}`, { version: 1, body: composition(['billing']) })
    await expect.poll(() => viewer.messages.filter(({ type }) => type === 'snapshot').length).toBe(2)
    const [, after] = viewer.messages.flatMap((message) =>
      message.type === 'snapshot' ? [message.board] : [],
    )
    expect(after?.queues.map(({ queueId }) => queueId)).toEqual(['billing'])
    viewer.socket.close()
  })

  test('P2 a board that names others is to a client as one that does not exist, also when it becomes one', async () => {
    const stored = await create(composition(['orders', 'billing']))
    const acme = await server.cookie('client', 'acme')
    const hears = async (boardId: string) => {
      const viewer = watch(`/live?board=${boardId}`, acme)
      const { queues, slices } = await viewer.snapshot
      viewer.socket.close()
      const composed = viewer.messages.find(({ type }) => type === 'composition')
      return { ...composed, boardId: '', queues, slices }
    }
    const nothing = await hears('no-such-board')
    expect(nothing).toMatchObject({ version: 0, body: null, queues: [] })
    expect(await hears(stored.boardId)).toEqual(nothing)
    const own = await create(composition(['orders']))
    const viewer = watch(`/live?board=${own.boardId}`, acme)
    await viewer.snapshot
    await call('PUT', `/boards/${own.boardId}`, { version: 1, body: composition(['billing']) })
    await expect.poll(() => viewer.messages.filter(({ type }) => type === 'snapshot').length).toBe(2)
    expect(JSON.stringify(viewer.messages)).not.toContain('billing')
    viewer.socket.close()
  })

  test('P2 a client who watches a board sees its own queues only, and no agent', async () => {
    const stored = await create(composition(['orders'], { agents: true, namesOnLinks: true }))
    const viewer = watch(`/live?board=${stored.boardId}`, await server.cookie('client', 'acme'))
    const board = await viewer.snapshot
    expect(board.queues.map(({ queueId }) => queueId)).toEqual(['orders'])
    expect(board.slices?.agents?.every(({ name }) => name === null) ?? true).toBe(true)
    expect(JSON.stringify(viewer.messages.filter(({ type }) => type === 'snapshot'))).not.toContain('bert')
    viewer.socket.close()
  })
})

describe('links', () => {
  const share = async (body: BoardComposition) => {
    const { boardId } = await create(body)
    const link = (await call<NewBoardLink>('POST', `/boards/${boardId}/links`, { label: 'Hall' })).body
    return { boardId, link, secret: link.path.split('/').at(-1) ?? '' }
  }
  const openLink = (secret: string, cookie = '') => call('POST', '/shared-board', { secret }, cookie)

  test('open once: for the first screen, again for the same one, never for another', async () => {
    const { link, secret, boardId } = await share(composition(['orders']))
    expect(link.path).toMatch(/^\/#\/screen\/[\w-]{43}$/)
    const first = await openLink(secret)
    expect([first.status, first.cookie.split('=')[0]]).toEqual([204, 'vigie_board'])
    expect((await openLink(secret, first.cookie)).status).toBe(204)
    expect((await openLink(secret)).status).toBe(401)
    expect((await openLink('nonsense')).status).toBe(401)
    const [listed] = (await call<BoardLink[]>('GET', `/boards/${boardId}/links`)).body
    expect(listed).toMatchObject({
      label: 'Hall',
      openedAtMs: expect.any(Number),
      lastUsedAtMs: expect.any(Number),
    })
    expect(JSON.stringify(listed)).not.toContain(secret)
  })

  test('two screens at once: one gets in', async () => {
    const { secret } = await share(composition(['orders']))
    const replies = await Promise.all(Array.from({ length: 8 }, () => openLink(secret)))
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1)
  })

  test("show that board's data only, name nobody, and open nothing else of the server", async () => {
    const { secret } = await share(composition(['orders'], { agents: true }))
    const { cookie } = await openLink(secret)
    const screen = watch('/shared-board/live', cookie)
    const board = await screen.snapshot
    expect(board.queues.map(({ queueId }) => queueId)).toEqual(['orders'])
    expect(JSON.stringify(screen.messages)).not.toMatch(/anna|bert|billing/)
    for (const path of ['/boards', '/me', '/settings/queue', '/live', '/reports/day?date=2026-03-02'])
      expect((await call('GET', path, undefined, cookie)).status, path).toBe(401)
    // A person's session is no screen's.
    expect((await call('GET', '/shared-board', undefined, supervisor)).status).toBe(401)
    screen.socket.close()
  })

  test('P15 are revoked: the socket is closed with 4410 and neither cookie nor secret work any more', async () => {
    const { link, secret } = await share(composition(['orders']))
    const { cookie } = await openLink(secret)
    const screen = watch('/shared-board/live', cookie)
    await screen.snapshot
    expect((await call('DELETE', `/board-links/${link.linkId}`)).status).toBe(204)
    expect(await screen.closed).toBe(4410)
    expect((await call('GET', '/shared-board', undefined, cookie)).status).toBe(401)
    await expect(watch('/shared-board/live', cookie).snapshot).rejects.toThrow('401')
    expect((await openLink(secret)).status).toBe(401)
    expect((await call('DELETE', `/board-links/${link.linkId}`)).status).toBe(404)
  })
})

describe('viewers that misbehave, on a real socket', () => {
  test('P14 one that sends 10 MB is closed with 1009, one that sends garbage with 4400', async () => {
    const flood = watch('/live', supervisor)
    await flood.snapshot
    flood.socket.send('x'.repeat(10_000_000))
    expect(await flood.closed).toBe(1009)
    const garbage = watch('/live', supervisor)
    await garbage.snapshot
    garbage.socket.send('{{{')
    expect(await garbage.closed).toBe(4400)
  })

  test('1 000 that connect at once all get their board', async () => {
    const viewers = Array.from({ length: 1_000 }, () => watch('/live', supervisor))
    const boards = await Promise.all(viewers.map(({ snapshot }) => snapshot))
    expect(new Set(boards.map((board) => JSON.stringify(board.queues))).size).toBe(1)
    for (const { socket } of viewers) socket.terminate()
  })

  test('P18 a part that does not exist is refused before the upgrade', async () => {
    await expect(watch('/live?slices=horoscope', supervisor).snapshot).rejects.toThrow('400')
  })
})
