/** The board of a past moment as the page shows it: which instant, whether it plays, and what the server says of it. */
import type { MomentBody } from '../../../server/wire/moment.ts'
import { ApiProblem, request } from '../session/api.ts'
import { session } from '../session/session.svelte.ts'
import { problemText } from '../shell/problem-text.ts'

export const STEP_MS = 60_000
/** Simulated seconds a second. */
export const PLAY_SPEEDS = [60, 300, 900] as const
/** Time between two boards while playing. */
const FRAME_MS = 500

export class MomentState {
  moment = $state.raw<MomentBody | null>(null)
  /** The board of now, to compare with. */
  now = $state.raw<MomentBody | null>(null)
  /** Asked for; the board may still be on its way. */
  atMs = $state(0)
  playing = $state(false)
  speed = $state<number>(PLAY_SPEEDS[0])
  fault = $state('')
  outside = $state(false)
  comparing = $state(false)
  #wanted: number | null = null
  #busy = false
  #timer: ReturnType<typeof setInterval> | undefined

  /** One request at a time: of those asked for meanwhile only the last one counts. */
  seek(atMs: number): void {
    this.atMs = atMs
    this.#wanted = atMs
    if (!this.#busy) void this.#fetch()
  }

  play(): void {
    if (this.playing) return
    this.playing = true
    this.#timer = setInterval(() => {
      // The server decides the pace: a frame that is not there yet is waited for.
      if (this.#busy || this.moment === null) return
      const next = this.atMs + this.speed * FRAME_MS
      if (next > this.moment.nowMs || next >= this.moment.dayEndMs) this.pause()
      else this.seek(next)
    }, FRAME_MS)
  }

  pause(): void {
    this.playing = false
    clearInterval(this.#timer)
  }

  async compare(asked: boolean): Promise<void> {
    this.comparing = asked
    if (!asked || this.moment === null) return
    try {
      this.now = await request<MomentBody>('GET', `/moments/${await serverNow()}`)
    } catch (error) {
      this.fault = problemText(session.locale, error)
    }
  }

  /** Notes changed: the same instant again. */
  reload(): void {
    this.seek(this.atMs)
  }

  async #fetch(): Promise<void> {
    this.#busy = true
    while (this.#wanted !== null) {
      const atMs = this.#wanted
      this.#wanted = null
      try {
        this.moment = await request<MomentBody>('GET', `/moments/${Math.floor(atMs)}`)
        this.fault = ''
        this.outside = false
      } catch (error) {
        this.pause()
        this.outside = error instanceof ApiProblem && error.slug === 'no-such-moment'
        this.fault = this.outside ? '' : problemText(session.locale, error)
      }
    }
    this.#busy = false
  }
}

/** The server's clock, which may be a scaled one. */
export async function serverNow(): Promise<number> {
  return (await request<{ readonly nowMs: number }>('GET', '/me')).nowMs
}
