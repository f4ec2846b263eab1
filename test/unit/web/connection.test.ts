// The live connection against a socket and a clock that the test drives: what PROTOCOL.md asks of the page.
import { describe, expect, test } from 'vitest'
import type { Board, ServerMessage } from '../../../server/wire/board.ts'
import { type ConnectionState, LiveConnection, type SocketEvents } from '../../../web/src/live/connection.ts'

interface FakeSocket {
  readonly resumeSeq: number | null
  readonly events: SocketEvents
  readonly sent: { readonly type: string; readonly seq?: number; readonly sentAt?: number }[]
  closed: boolean
}

function harness() {
  let nowMs = 0
  const timers: { atMs: number; run: () => void; live: boolean }[] = []
  const sockets: FakeSocket[] = []
  const states: ConnectionState[] = []
  const patches: number[] = []
  const snapshots: number[] = []
  const roundTrips: number[] = []
  const connection = new LiveConnection(
    {
      openSocket: (resumeSeq, events) => {
        const socket: FakeSocket = { resumeSeq, events, sent: [], closed: false }
        sockets.push(socket)
        return {
          send: (text) => socket.sent.push(JSON.parse(text)),
          close: () => {
            socket.closed = true
          },
        }
      },
      monotonicMs: () => nowMs,
      after: (delayMs, run) => {
        const timer = { atMs: nowMs + delayMs, run, live: true }
        timers.push(timer)
        return () => {
          timer.live = false
        }
      },
      random: () => 1,
    },
    {
      onState: (state) => states.push(state),
      onHello: () => undefined,
      onComposition: () => undefined,
      onSnapshot: (message) => snapshots.push(message.seq),
      onPatch: (message) => patches.push(message.seq),
      onServerNow: () => undefined,
      onRoundTrip: (ms) => roundTrips.push(ms),
    },
  )
  const advance = (ms: number) => {
    const end = nowMs + ms
    for (;;) {
      const next = timers
        .filter((timer) => timer.live && timer.atMs <= end)
        .sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      next.live = false
      nowMs = next.atMs
      next.run()
    }
    nowMs = end
  }
  /** The machine sleeps: no timer runs meanwhile, and all that came due run late, one after the other. */
  const sleep = (ms: number) => {
    nowMs += ms
    const due = timers.filter((timer) => timer.live && timer.atMs <= nowMs).sort((a, b) => a.atMs - b.atMs)
    for (const timer of due) {
      timer.live = false
      timer.run()
    }
  }
  const last = () => {
    const socket = sockets.at(-1)
    if (socket === undefined) throw new Error('no socket was opened')
    return socket
  }
  const say = (message: ServerMessage, socket = last()) => socket.events.onText(JSON.stringify(message))
  const live = (seq: number) => {
    say({
      type: 'hello',
      protocol: 1,
      version: '1',
      heartbeatMs: 1000,
      staleAfterMs: 2500,
      nowMs: 0,
      clockSpeed: 1,
    })
    say({ type: 'snapshot', seq, nowMs: 0, board: {} as Board })
  }
  return { connection, sockets, states, patches, snapshots, roundTrips, advance, sleep, say, last, live }
}

const patch = (seq: number): ServerMessage => ({ type: 'patch', seq, nowMs: 0 })
const heartbeat = (seq: number): ServerMessage => ({ type: 'heartbeat', seq, nowMs: 0 })

describe('live connection', () => {
  test('is live after the snapshot and takes patches in sequence', () => {
    const h = harness()
    h.connection.start()
    expect(h.connection.state.kind).toBe('connecting')
    expect(h.last().resumeSeq).toBeNull()
    h.live(7)
    h.say(patch(8))
    h.say(patch(9))
    expect(h.patches).toEqual([8, 9])
    expect(h.connection.state.kind).toBe('live')
  })

  test('ignores a patch that it already has, and text that is no message', () => {
    const h = harness()
    h.connection.start()
    h.live(7)
    h.say(patch(7))
    h.last().events.onText('{torn')
    h.last().events.onText('{"type":"unheard-of"}')
    h.say(patch(8))
    expect(h.patches).toEqual([8])
    expect(h.connection.state.kind).toBe('live')
  })

  test('a gap makes it stale at once and asks to resume; the missing patches make it live', () => {
    const h = harness()
    h.connection.start()
    h.live(7)
    h.say(patch(9))
    expect(h.connection.state).toMatchObject({ kind: 'stale', reason: 'gap' })
    expect(h.patches).toEqual([])
    expect(h.last().sent).toContainEqual({ type: 'resume', seq: 7 })
    h.say(patch(8))
    h.say(patch(9))
    expect(h.patches).toEqual([8, 9])
    expect(h.connection.state.kind).toBe('live')
  })

  test('a heartbeat ahead of the last patch shows that one was lost', () => {
    const h = harness()
    h.connection.start()
    h.live(7)
    h.say(heartbeat(7))
    expect(h.connection.state.kind).toBe('live')
    h.say(heartbeat(8))
    expect(h.connection.state).toMatchObject({ kind: 'stale', reason: 'gap' })
    h.say({ type: 'snapshot', seq: 12, nowMs: 0, board: {} as Board })
    expect(h.connection.state.kind).toBe('live')
  })

  test('silence is stale within 3 s, counted from the last message, and opens a new socket that resumes', () => {
    const h = harness()
    h.connection.start()
    h.advance(1000)
    h.live(7)
    h.advance(2900)
    expect(h.connection.state).toEqual({ kind: 'stale', reason: 'silence', sinceMs: 1000 })
    const silent = h.last()
    h.advance(6000)
    expect(silent.closed).toBe(true)
    expect(h.sockets.length).toBeGreaterThan(1)
    expect(h.last().resumeSeq).toBe(7)
    h.say(patch(8))
    expect(h.connection.state.kind).toBe('live')
  })

  test('silence that a server allows for longer than 3 s is still stale within 3 s', () => {
    const h = harness()
    h.connection.start()
    h.say({
      type: 'hello',
      protocol: 1,
      version: '1',
      heartbeatMs: 60_000,
      staleAfterMs: 120_000,
      nowMs: 0,
      clockSpeed: 1,
    })
    h.say({ type: 'snapshot', seq: 1, nowMs: 0, board: {} as Board })
    h.advance(3300)
    expect(h.connection.state.kind).toBe('stale')
  })

  test('a closed socket is stale at once; tries are spread out and bounded, and the first moment of loss is kept', () => {
    const h = harness()
    h.connection.start()
    h.live(7)
    h.advance(500)
    h.last().events.onClose(1006)
    expect(h.connection.state).toEqual({ kind: 'stale', reason: 'closed', sinceMs: 500 })
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const before = h.sockets.length
      h.advance(10_000)
      expect(h.sockets.length).toBeGreaterThan(before)
      h.last().events.onClose(1006)
    }
    expect(h.connection.state).toEqual({ kind: 'stale', reason: 'closed', sinceMs: 500 })
    h.advance(10_000)
    h.live(20)
    expect(h.connection.state.kind).toBe('live')
    expect(h.snapshots).toEqual([7, 20])
  })

  test('messages of a socket that was given up change nothing', () => {
    const h = harness()
    h.connection.start()
    h.live(7)
    const old = h.last()
    old.events.onClose(1006)
    h.advance(1000)
    h.say(patch(8), old)
    old.events.onClose(1006)
    expect(h.patches).toEqual([])
    expect(h.sockets.length).toBe(2)
  })

  test('ended rights are final: no more tries', () => {
    const h = harness()
    h.connection.start()
    h.live(7)
    h.last().events.onClose(4401)
    h.advance(120_000)
    expect(h.connection.state).toEqual({ kind: 'refused', code: 4401 })
    expect(h.sockets.length).toBe(1)
  })

  test('waking up retries now instead of at the end of the wait', () => {
    const h = harness()
    h.connection.start()
    h.live(7)
    h.last().events.onClose(1006)
    h.connection.wake()
    expect(h.sockets.length).toBe(2)
    h.advance(300)
    expect(h.sockets.length).toBe(2)
  })

  test('a laptop that slept for 8 hours says at once how old its figures are, and is right with the first answer', () => {
    const h = harness()
    h.connection.start()
    h.live(7)
    h.advance(1_000)
    h.say(heartbeat(7))
    h.sleep(8 * 3_600_000)
    // Not one late timer in between calls the figures live.
    expect(h.states.map(({ kind }) => kind)).toEqual(['live', 'stale'])
    expect(h.connection.state).toEqual({ kind: 'stale', reason: 'silence', sinceMs: 1_000 })
    expect(h.sockets[0]?.closed).toBe(true)
    // What the dead socket still brings is of yesterday: it is not shown.
    h.say(patch(8), h.sockets[0])
    expect(h.patches).toEqual([])
    h.connection.wake()
    expect(h.sockets).toHaveLength(2)
    expect(h.last().resumeSeq).toBe(7)
    h.live(90_000)
    expect(h.connection.state.kind).toBe('live')
    expect(h.snapshots).toEqual([7, 90_000])
  })

  test('where the clock stands still during sleep, it is stale within 3 s of waking', () => {
    const h = harness()
    h.connection.start()
    h.live(7)
    h.advance(1_000)
    h.say(heartbeat(7))
    // Slept here, unseen by the page's own clock.
    h.connection.wake()
    expect(h.connection.state.kind).toBe('live')
    h.advance(3_000)
    expect(h.connection.state.kind).toBe('stale')
    h.advance(4_000)
    expect(h.sockets).toHaveLength(2)
    expect(h.last().resumeSeq).toBe(7)
  })

  test('the round trip is measured on the own clock', () => {
    const h = harness()
    h.connection.start()
    h.live(7)
    const ping = h.last().sent.find((message) => message.type === 'ping')
    h.advance(42)
    h.say({ type: 'pong', sentAt: ping?.sentAt ?? -1, nowMs: 9_999_999 })
    expect(h.roundTrips).toEqual([42])
  })
})
