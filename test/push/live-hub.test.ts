/** The rules of server/wire/PROTOCOL.md, one test a rule, against sockets and timers that the test moves by hand. */
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { LiveHub } from '../../server/push/live-hub.ts'
import type { LiveViewer } from '../../server/push/live-viewer.ts'
import type { Board, BoardQueueRow, ServerMessage } from '../../server/wire/board.ts'
import { composition, FakeBoards, FakeDirectory, FakeSocket, FakeTimers } from './fake-viewers.ts'

const STAFF: LiveViewer = {
  clientId: null,
  watched: { kind: 'everything', slices: [] },
  agentNames: 'always',
  linkId: null,
  credentialKey: 'key-1',
  userId: 'user-1',
  resumeSeq: null,
}

let timers: FakeTimers
let boards: FakeBoards
let directory: FakeDirectory
let hub: LiveHub
/** Every first number differs, as with a real random source. */
let draws = 0

function createHub(limits = {}): LiveHub {
  return new LiveHub({
    source: boards,
    boards: directory,
    random: () => {
      draws += 1
      return (draws * 0.618_033_988_7) % 1
    },
    version: '1.2.3',
    clock: { nowMs: () => timers.nowMs(), speed: 1 },
    timers,
    limits,
  })
}
function watch(viewer: Partial<LiveViewer> = {}): FakeSocket {
  const socket = new FakeSocket()
  hub.attach(socket, { ...STAFF, ...viewer })
  return socket
}
/** The board that a page shows after these messages: written here from the rules, not taken from the page. */
function shown(messages: readonly ServerMessage[]): {
  seq: number
  rows: Map<string, BoardQueueRow>
  site: Board['site']
} {
  let seq = -1
  let rows = new Map<string, BoardQueueRow>()
  let site: Board['site'] | undefined
  for (const message of messages) {
    if (message.type === 'snapshot') {
      seq = message.seq
      rows = new Map(message.board.queues.map((queue) => [queue.queueId, queue]))
      site = message.board.site
    } else if (message.type === 'patch' && message.seq > seq) {
      expect(message.seq).toBe(seq + 1)
      seq = message.seq
      for (const id of message.removedQueueIds ?? []) rows.delete(id)
      for (const queue of message.queues ?? []) rows.set(queue.queueId, queue)
      site = message.site ?? site
    }
  }
  if (site === undefined) throw new Error('no snapshot')
  return { seq, rows, site }
}

beforeEach(() => {
  timers = new FakeTimers()
  boards = new FakeBoards()
  directory = new FakeDirectory()
  hub = createHub()
})

describe('opening', () => {
  test('P2 a client gets a board of its own queues only, also in patches', () => {
    const acme = watch({ clientId: 'acme' })
    boards.set('billing', 4)
    timers.advance(200)
    boards.set('orders', 2)
    timers.advance(200)
    expect(acme.frames.some((frame) => frame.includes('billing'))).toBe(false)
    expect(shown(acme.messages).rows.get('orders')?.waiting).toBe(2)
  })

  test('P3 P4 hello comes first, a snapshot at once after it', () => {
    const socket = watch()
    expect(socket.types).toEqual(['hello', 'snapshot'])
    expect(socket.messages[0]).toMatchObject({ protocol: 1, version: '1.2.3', clockSpeed: 1 })
  })
})

describe('changes', () => {
  test('P5 a patch holds the rows that changed, and those that went', () => {
    const socket = watch()
    boards.set('orders', 3)
    timers.advance(100)
    boards.remove('billing')
    timers.advance(100)
    const patches = socket.messages.filter((message) => message.type === 'patch')
    expect(patches.map((patch) => patch.queues?.map(({ queueId }) => queueId))).toEqual([
      ['orders'],
      undefined,
    ])
    expect(patches[1]?.removedQueueIds).toEqual(['billing'])
    expect(patches.every((patch) => patch.site === undefined)).toBe(true)
  })

  test('P6 the first change goes out at once, further ones together after 100 ms', () => {
    const socket = watch()
    timers.advance(500)
    boards.set('orders', 1)
    expect(socket.types.at(-1)).toBe('patch')
    const count = socket.frames.length
    for (const waiting of [2, 3, 4]) boards.set('orders', waiting)
    expect(socket.frames).toHaveLength(count)
    timers.advance(100)
    expect(socket.frames).toHaveLength(count + 1)
    expect(shown(socket.messages).rows.get('orders')?.waiting).toBe(4)
  })

  test('P6 a second of constant change is ten frames, not a thousand', () => {
    const socket = watch()
    const before = socket.frames.length
    for (let change = 1; change <= 1_000; change++) {
      boards.set('orders', change)
      timers.advance(1)
    }
    timers.advance(100)
    const patches = socket.messages.slice(before).filter((message) => message.type === 'patch')
    expect(patches.length).toBeLessThanOrEqual(11)
    expect(shown(socket.messages).rows.get('orders')?.waiting).toBe(1_000)
  })

  test('P7 one computation and one frame serve all viewers of the same rights', () => {
    const sockets = Array.from({ length: 50 }, () => watch())
    const computed = () => [...boards.computations.values()].reduce((sum, count) => sum + count, 0)
    const before = computed()
    boards.set('orders', 1)
    expect(computed() - before).toBe(1)
    expect(new Set(sockets.map((socket) => socket.frames.at(-1))).size).toBe(1)
  })

  test('P8 resume gets the missed patches, a heartbeat when there are none, a snapshot when they are gone', () => {
    const away = watch()
    const stays = watch()
    const { seq } = shown(away.messages)
    for (let change = 1; change <= 5; change++) {
      boards.set('orders', change)
      timers.advance(100)
    }
    const back = watch({ resumeSeq: seq })
    expect(back.types.slice(0, 1)).toEqual(['hello'])
    expect(back.types.slice(1)).toEqual(Array(5).fill('patch'))
    expect(shown([...away.messages.slice(0, 2), ...back.messages])).toEqual(shown(stays.messages))
    back.say(JSON.stringify({ type: 'resume', seq: shown(stays.messages).seq }))
    expect(back.types.at(-1)).toBe('heartbeat')
    for (let change = 1; change <= 300; change++) {
      boards.set('billing', change)
      timers.advance(100)
    }
    expect(watch({ resumeSeq: seq }).types).toEqual(['hello', 'snapshot'])
    expect(watch({ resumeSeq: seq + 1_000_000 }).types).toEqual(['hello', 'snapshot'])
  })

  test('P8 a number of an earlier life of the server gets a snapshot', () => {
    const { seq } = shown(watch().messages)
    hub.close()
    timers.advance(5_000)
    hub = createHub()
    watch()
    expect(watch({ resumeSeq: seq }).types).toEqual(['hello', 'snapshot'])
  })

  test('P8 what changed while nobody watched is not stepped over', () => {
    const first = watch()
    const { seq } = shown(first.messages)
    first.emit('close')
    boards.set('orders', 9)
    timers.advance(3_000)
    const back = watch({ resumeSeq: seq })
    expect(back.types).toEqual(['hello', 'snapshot'])
    expect(shown(back.messages).rows.get('orders')?.waiting).toBe(9)
  })

  test('P9 heartbeats come while nothing changes and name the newest number', () => {
    const socket = watch()
    timers.advance(3_000)
    const beats = socket.messages.filter((message) => message.type === 'heartbeat')
    expect(beats).toHaveLength(3)
    expect(beats.at(-1)).toMatchObject({ seq: shown(socket.messages).seq })
  })

  test('P11 ping is answered with what it carried', () => {
    const socket = watch()
    socket.say(JSON.stringify({ type: 'ping', sentAt: 12.5 }))
    expect(socket.messages.at(-1)).toEqual({ type: 'pong', sentAt: 12.5, nowMs: timers.nowMs() })
  })
})

describe('composed boards', () => {
  const of = (boardId: string) => ({ watched: { kind: 'board', boardId } as const })

  test('P7 boards of the same content share one computation and one frame, whatever they are called', () => {
    directory.put('a', composition(['orders', 'billing'], { name: 'A' }))
    directory.put('b', composition(['billing', 'orders'], { name: 'B', theme: 'light', rotationSeconds: 20 }))
    const sockets = [watch(of('a')), watch(of('b')), watch(of('a'))]
    boards.computations.clear()
    boards.set('orders', 1)
    expect([...boards.computations.values()]).toEqual([1])
    expect(new Set(sockets.map((socket) => socket.frames.at(-1))).size).toBe(1)
  })

  test('P17 the composition comes between hello and snapshot, and the board holds what its tiles need', () => {
    directory.put('a', composition(['orders']))
    const socket = watch(of('a'))
    expect(socket.types).toEqual(['hello', 'composition', 'snapshot'])
    boards.set('billing', 7)
    timers.advance(200)
    expect(socket.frames.some((frame) => frame.includes('"queueId":"billing"'))).toBe(false)
    expect(shown(socket.messages).rows.has('orders')).toBe(true)
  })

  test('P17 a changed board reaches its viewers at once, with a snapshot where it needs something else', () => {
    directory.put('a', composition(['orders']))
    const socket = watch(of('a'))
    directory.put('a', composition(['orders'], { name: 'Renamed' }))
    hub.boardChanged('a')
    expect(socket.types.slice(3)).toEqual(['composition'])
    directory.put('a', composition(['billing'], { agents: true }))
    hub.boardChanged('a')
    expect(socket.types.slice(4)).toEqual(['composition', 'snapshot'])
    boards.set('billing', 5)
    timers.advance(200)
    expect(shown(socket.messages).rows.get('billing')?.waiting).toBe(5)
    expect(shown(socket.messages).rows.has('orders')).toBe(false)
    expect(hub.viewerCount).toBe(1)
  })

  test('P17 a deleted board says so and shows nothing; it may come back', () => {
    directory.put('a', composition(['orders']))
    const socket = watch(of('a'))
    directory.put('a', null)
    hub.boardChanged('a')
    expect(socket.messages.filter(({ type }) => type === 'composition').at(-1)).toMatchObject({ body: null })
    expect([...shown(socket.messages).rows]).toEqual([])
    directory.put('a', composition(['orders']))
    hub.boardChanged('a')
    expect(shown(socket.messages).rows.has('orders')).toBe(true)
  })

  test('P17 a board that names a queue which is gone shows the others', () => {
    directory.put('a', composition(['orders', 'nowhere']))
    const socket = watch(of('a'))
    boards.remove('orders')
    timers.advance(200)
    expect([...shown(socket.messages).rows.keys()]).toEqual([])
    boards.set('orders', 2)
    timers.advance(200)
    expect([...shown(socket.messages).rows.keys()]).toEqual(['orders'])
  })

  test('P18 rows of a part that only some boards need are patched by key', () => {
    directory.put('a', composition(['orders'], { agents: true }))
    const socket = watch(of('a'))
    const before = socket.frames.length
    boards.setAgent('on-contact')
    timers.advance(200)
    const patch = socket.messages.slice(before).find(({ type }) => type === 'patch')
    expect(patch).toMatchObject({ slices: { agents: { rows: [{ key: 'anna', state: 'on-contact' }] } } })
  })

  test('P2 a link shows no name of an agent unless the board says so, a client never', () => {
    directory.put('hidden', composition(['orders'], { agents: true }))
    directory.put('named', composition(['orders'], { agents: true, namesOnLinks: true }))
    const link = { agentNames: 'by-board', linkId: 'l1', userId: null } as const
    const names = (socket: FakeSocket) => socket.frames.some((frame) => frame.includes('Anna'))
    expect(names(watch({ ...of('hidden'), ...link }))).toBe(false)
    expect(names(watch({ ...of('named'), ...link }))).toBe(true)
    expect(names(watch({ ...of('named'), clientId: 'acme', agentNames: 'never' }))).toBe(false)
    expect(names(watch({ ...of('hidden') }))).toBe(true)
  })

  test('P15 a revoked link closes its screens with 4410 and no others', () => {
    directory.put('a', composition(['orders']))
    const screen = watch({ ...of('a'), linkId: 'l1', credentialKey: 's1', userId: null })
    const other = watch({ ...of('a'), linkId: 'l2', credentialKey: 's2', userId: null })
    hub.endRights({ linkId: 'l1' })
    expect([screen.closedWith, other.closedWith]).toEqual([4410, null])
  })

  test('P12 a slow viewer of a board that was changed gets the composition with its snapshot', () => {
    directory.put('a', composition(['orders']))
    const slow = watch(of('a'))
    slow.reading = false
    slow.bufferedAmount = 300_000
    boards.set('orders', 1)
    timers.advance(200)
    directory.put('a', composition(['billing']))
    hub.boardChanged('a')
    slow.reading = true
    slow.bufferedAmount = 0
    timers.advance(1_000)
    expect(slow.types.filter((type) => type !== 'heartbeat').slice(-2)).toEqual(['composition', 'snapshot'])
    expect([...shown(slow.messages).rows.keys()]).toEqual(['billing'])
  })
})

describe('limits', () => {
  test('P12 a slow viewer loses patches, then gets one snapshot and is right again; others notice nothing', () => {
    const slow = watch()
    const quick = watch()
    slow.reading = false
    slow.bufferedAmount = 300_000
    for (let change = 1; change <= 20; change++) {
      boards.set('orders', change)
      timers.advance(100)
    }
    slow.say(JSON.stringify({ type: 'resume', seq: 0 }))
    expect(slow.bufferedAmount).toBe(300_000)
    expect(shown(quick.messages).rows.get('orders')?.waiting).toBe(20)
    slow.reading = true
    slow.bufferedAmount = 0
    timers.advance(1_000)
    expect(slow.types.filter((type) => type === 'snapshot')).toHaveLength(2)
    expect(shown(slow.messages)).toEqual(shown(quick.messages))
  })

  test('P13 a viewer that never reads is closed with 4408 and then cut', () => {
    const dead = watch()
    dead.reading = false
    dead.bufferedAmount = 300_000
    timers.advance(22_000)
    expect(dead.closedWith).toBe(4408)
    expect(hub.viewerCount).toBe(0)
    timers.advance(3_000)
    expect(dead.terminated).toBe(true)
  })

  test('P13 a viewer that vanished without closing answers no ping and is closed', () => {
    const vanished = watch()
    vanished.reading = false
    timers.advance(61_000)
    expect(vanished.closedWith).toBe(4408)
  })

  test('P14 garbage, binary and unknown messages close with 4400', () => {
    for (const text of [
      '{',
      '[]',
      'null',
      '{"type":"snapshot"}',
      '{"type":"resume","seq":-1}',
      '{"type":"resume"}',
    ]) {
      const socket = watch()
      socket.say(text)
      expect(socket.closedWith, text).toBe(4400)
    }
    const binary = watch()
    binary.emit('message', Buffer.from('{"type":"ping","sentAt":1}'), true)
    expect(binary.closedWith).toBe(4400)
  })

  test('P14 a flood of messages closes with 4429', () => {
    const socket = watch()
    for (let n = 0; n < 30; n++) socket.say('{"type":"ping","sentAt":1}')
    expect(socket.closedWith).toBe(4429)
    expect(socket.types.filter((type) => type === 'pong')).toHaveLength(20)
  })

  test('P15 the end of a session, a token or a person closes with 4401', async () => {
    const session = watch({ credentialKey: 'a' })
    const other = watch({ credentialKey: 'b' })
    const person = watch({ credentialKey: 'c', userId: 'user-2' })
    hub.endRights({ credentialKey: 'a' })
    hub.endRights({ userId: 'user-2' })
    expect([session.closedWith, person.closedWith, other.closedWith]).toEqual([4401, 4401, null])
    await hub.recheck(async (viewer) => viewer.credentialKey !== 'b')
    expect(other.closedWith).toBe(4401)
  })

  test('P16 a full server closes with 1013, a stopping one with 1001', () => {
    hub = createHub({ viewersMax: 1 })
    const first = watch()
    expect(watch().closedWith).toBe(1013)
    hub.close()
    expect(first.closedWith).toBe(1001)
    expect(watch().closedWith).toBe(1001)
  })
})

test('whatever happens in whatever order, every viewer that reads ends at the same board', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('set' as const),
      queue: fc.constantFrom('orders', 'billing'),
      value: fc.nat(50),
    }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant('stop' as const), viewer: fc.nat(2) }),
    fc.record({ kind: fc.constant('read' as const), viewer: fc.nat(2) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      timers = new FakeTimers()
      boards = new FakeBoards()
      hub = createHub()
      const sockets = [watch(), watch(), watch()]
      for (const one of steps) {
        if (one.kind === 'set') boards.set(one.queue, one.value)
        else if (one.kind === 'wait') timers.advance(one.ms)
        else {
          const socket = sockets[one.viewer]
          if (socket === undefined) continue
          socket.reading = one.kind === 'read'
          socket.bufferedAmount = socket.reading ? 0 : 300_000
        }
      }
      for (const socket of sockets) {
        socket.reading = true
        socket.bufferedAmount = 0
      }
      timers.advance(2_000)
      for (const socket of sockets) {
        const { rows } = shown(socket.messages)
        for (const [queueId, waiting] of boards.waiting) expect(rows.get(queueId)?.waiting).toBe(waiting)
      }
    }),
    { numRuns: 200 },
  )
})
