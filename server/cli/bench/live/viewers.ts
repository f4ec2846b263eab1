/** Viewers of the board: each notes when which frame came; one of them reads the frames. */
import { WebSocket } from 'ws'
import type { BoardQueueRow, PatchMessage, SnapshotMessage } from '../../../wire/board.ts'
import { sharedNowMs } from './server-side.ts'

const OPENED_AT_ONCE = 100
/** The number stands near the start of a frame; the rest need not be read. */
const HEAD_BYTES = 64
const FRAME_HEAD = /^\{"type":"(snapshot|patch)","seq":(\d+)/

export interface Arrival {
  readonly seq: number
  readonly atMs: number
}

export class Viewers {
  readonly #sockets: WebSocket[] = []
  readonly arrivals: Arrival[][] = []
  /** Contacts offered today on the whole board, after each frame that the first viewer read. */
  readonly offeredBySeq = new Map<number, number>()
  readonly #offered = new Map<string, number>()
  /** Every message of every viewer. */
  received = 0
  onMessage: (() => void) | undefined

  async open(url: string, count: number, headers: Record<string, string>): Promise<void> {
    for (let from = 0; from < count; from += OPENED_AT_ONCE) {
      const some = Array.from({ length: Math.min(OPENED_AT_ONCE, count - from) }, () =>
        this.#openOne(url, headers),
      )
      await Promise.all(some)
    }
  }

  offeredNow(): number {
    return [...this.#offered.values()].reduce((sum, offered) => sum + offered, 0)
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate()
  }

  #openOne(url: string, headers: Record<string, string>): Promise<void> {
    const socket = new WebSocket(url, { headers, perMessageDeflate: false })
    const arrivals: Arrival[] = []
    const readsFrames = this.#sockets.length === 0
    this.#sockets.push(socket)
    this.arrivals.push(arrivals)
    return new Promise((resolve, reject) => {
      let greeted = false
      socket.on('error', reject)
      socket.on('message', (data: Buffer) => {
        const atMs = sharedNowMs()
        this.received += 1
        const head = FRAME_HEAD.exec(data.toString('latin1', 0, HEAD_BYTES))
        if (head !== null) {
          const seq = Number(head[2])
          arrivals.push({ seq, atMs })
          if (readsFrames) this.#read(seq, data)
          // Hello and the snapshot have come: what comes from now on is news.
          if (!greeted) resolve()
          greeted = true
        }
        this.onMessage?.()
      })
    })
  }

  #read(seq: number, data: Buffer): void {
    const message = JSON.parse(data.toString('utf8')) as SnapshotMessage | PatchMessage
    const rows: readonly BoardQueueRow[] =
      message.type === 'snapshot' ? message.board.queues : (message.queues ?? [])
    for (const row of rows) this.#offered.set(row.queueId, row.offeredToday)
    this.offeredBySeq.set(seq, this.offeredNow())
  }
}
