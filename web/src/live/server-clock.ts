/** The server's clock, read from its messages and carried on between them at its speed. The browser's own date is never used. */
export class ServerClock {
  #serverMs = 0
  #atMs = 0
  #speed = 1
  readonly #monotonicMs: () => number

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  set(serverNowMs: number, speed = this.#speed): void {
    this.#serverMs = serverNowMs
    this.#atMs = this.#monotonicMs()
    this.#speed = speed
  }

  get speed(): number {
    return this.#speed
  }

  nowMs(): number {
    return this.#serverMs + (this.#monotonicMs() - this.#atMs) * this.#speed
  }
}
