/** Two sides of one day's forecast beside each other: what is chosen, and what the server says of them. */
import type { ForecastComparisonBody, ForecastVersionBody } from '../../../server/wire/forecast-api.ts'
import { ApiProblem, request } from '../session/api.ts'

export class Comparison {
  readonly #path: string
  readonly zone: string
  left = $state('model')
  right = $state('effective')
  versions = $state.raw<readonly ForecastVersionBody[]>([])
  body = $state.raw<ForecastComparisonBody | null>(null)
  error = $state.raw<unknown>(null)
  /** One of the sides does not exist for this day. */
  missing = $state(false)

  constructor(queueId: string, day: string, zone: string) {
    this.#path = `/forecasts/${encodeURIComponent(queueId)}/days/${day}`
    this.zone = zone
  }

  async load(): Promise<void> {
    this.error = null
    this.missing = false
    try {
      this.versions = await request<readonly ForecastVersionBody[]>('GET', `${this.#path}/versions`)
      await this.#compare()
    } catch (error) {
      this.error = error
    }
  }

  async choose(which: 'left' | 'right', side: string): Promise<void> {
    this[which] = side
    await this.load()
  }

  close(): void {
    this.body = null
  }

  async #compare(): Promise<void> {
    this.body = null
    if (this.versions.length === 0) {
      this.missing = true
      return
    }
    const sides = `left=${encodeURIComponent(this.left)}&right=${encodeURIComponent(this.right)}`
    try {
      this.body = await request<ForecastComparisonBody>('GET', `${this.#path}/compare?${sides}`)
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 404)) throw error
      this.missing = true
    }
  }
}
