/** A forecast run with its progress: started here, or by somebody else while the page is open. */
import type {
  CurrentRunBody,
  ForecastRunBody,
  NewForecastRunBody,
} from '../../../server/wire/forecast-api.ts'
import { ApiProblem, request } from '../session/api.ts'

const LOOK_EVERY_MS = 600
/** Runs of others that are waited for: each may be that of a changed setting, and more may follow. */
const ATTEMPTS_MAX = 8

export class ForecastRun {
  body = $state.raw<ForecastRunBody | null>(null)
  error = $state.raw<unknown>(null)
  /** Asked for here and not over yet: it may still wait for another one to end. */
  wanted = $state(false)
  /** Between asking and the first answer. */
  #asking = $state(false)
  #stopped = false
  /** Whoever follows a run, all wait for the same looks. */
  #following: Promise<boolean> | null = null

  get running(): boolean {
    return this.#asking || this.body?.state === 'running'
  }

  /** On opening the page: a run of somebody else, or one from before a reload, is followed to its end. Null when none was under way. */
  async pickUp(): Promise<ForecastRunBody | null> {
    const current = await this.#current()
    if (current?.state !== 'running' || this.running) return null
    this.body = current
    return (await this.#follow()) ? this.body : null
  }

  /** Forecasts again and follows it to its end; false when it failed. While another run is under way its end is awaited first. */
  async start(run: NewForecastRunBody): Promise<boolean> {
    this.error = null
    this.wanted = true
    try {
      await this.#following
      for (let attempt = 0; attempt < ATTEMPTS_MAX && !this.#stopped; attempt += 1) {
        if (await this.#ask(run)) return await this.#follow()
        if (this.error !== null) return false
        await this.#follow()
      }
      return false
    } finally {
      this.wanted = false
    }
  }

  /** False when another run is under way, which is followed then, or when it was refused. */
  async #ask(wanted: NewForecastRunBody): Promise<boolean> {
    this.#asking = true
    try {
      this.body = await request<ForecastRunBody>('POST', '/forecasts/runs', wanted)
      return true
    } catch (error) {
      if (error instanceof ApiProblem && error.slug === 'forecast-running') this.body = await this.#current()
      else this.error = error
      return false
    } finally {
      this.#asking = false
    }
  }

  stop(): void {
    this.#stopped = true
  }

  #follow(): Promise<boolean> {
    this.#following ??= this.#look().finally(() => {
      this.#following = null
    })
    return this.#following
  }

  async #look(): Promise<boolean> {
    while (!this.#stopped && this.body?.state === 'running') {
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS))
      const next = await this.#current()
      // An unreachable server says nothing of the run: asked again.
      if (next !== null) this.body = next
    }
    return this.body?.state === 'done'
  }

  async #current(): Promise<ForecastRunBody | null> {
    const current = await request<CurrentRunBody>('GET', '/forecasts/runs/current').catch(() => null)
    return current === null || current.state === 'idle' ? null : current
  }
}
