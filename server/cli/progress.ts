/** How far a long command is: a line now and then, none from a command that is over in a moment. */

const LINE_EVERY_MS = 2_000

export class Progress {
  readonly #out: { write(text: string): unknown }
  readonly #what: string
  readonly #nowMs: () => number
  readonly #startedMs: number
  #saidMs: number
  #said = false

  constructor(out: { write(text: string): unknown }, what: string, nowMs = () => performance.now()) {
    this.#out = out
    this.#what = what
    this.#nowMs = nowMs
    this.#startedMs = nowMs()
    this.#saidMs = this.#startedMs
  }

  /** Cheap enough to be called for every row. */
  note(done: number, total?: number): void {
    const nowMs = this.#nowMs()
    if (nowMs - this.#saidMs < LINE_EVERY_MS) return
    this.#saidMs = nowMs
    this.#said = true
    this.#say(done, total, nowMs)
  }

  /** The last line, where there was one before. */
  end(done: number): void {
    if (this.#said) this.#say(done, undefined, this.#nowMs())
  }

  #say(done: number, total: number | undefined, nowMs: number): void {
    const seconds = (nowMs - this.#startedMs) / 1000
    const share =
      total === undefined || total === 0 ? '' : ` of ${total} (${Math.floor((done / total) * 100)} %)`
    const rate = seconds > 0 ? `, ${Math.round(done / seconds)} per second` : ''
    this.#out.write(`${done}${share} ${this.#what} after ${Math.round(seconds)} s${rate}\n`)
  }
}
