/** A forecast run with its progress: started here, or by somebody else while the page is open. */
import type { ForecastRunBody, NewForecastRunBody } from '../../../server/wire/forecast-api.ts'
import { ApiProblem, request } from '../session/api.ts'

const LOOK_EVERY_MS = 600

export class ForecastRun {
  body = $state.raw<ForecastRunBody | null>(null)
  error = $state.raw<unknown>(null)
  /** Between asking and the first answer. */
  #asking = $state(false)
  #stopped = false

  get running(): boolean {
    return this.#asking || this.body?.state === 'running'
  }

  /** Forecasts again and follows it to its end; false when it failed. Of a run that somebody else has started the end is awaited. */
  async start(wanted: NewForecastRunBody): Promise<boolean> {
    this.error = null
    this.#asking = true
    try {
      this.body = await request<ForecastRunBody>('POST', '/forecasts/runs', wanted)
    } catch (error) {
      if (!(error instanceof ApiProblem && error.slug === 'forecast-running')) {
        this.error = error
        return false
      }
      this.body = await this.#current()
    } finally {
      this.#asking = false
    }
    return this.#follow()
  }

  stop(): void {
    this.#stopped = true
  }

  async #follow(): Promise<boolean> {
    while (!this.#stopped && this.body?.state === 'running') {
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS))
      const next = await this.#current()
      // An unreachable server says nothing of the run: asked again.
      if (next !== null) this.body = next
    }
    return this.body?.state === 'done'
  }

  async #current(): Promise<ForecastRunBody | null> {
    return request<ForecastRunBody>('GET', '/forecasts/runs/current').catch(() => null)
  }
}
