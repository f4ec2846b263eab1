/** The forecast that plan, requirement and board use: the newest version with the manual edits over it. */
import type { SiteDay } from '../domain/site-calendar.ts'
import { dayGrid } from './day-grid.ts'
import { type EffectiveDay, isActiveOn, withEdits } from './forecast-layer.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { ForecastDay, ForecastEdit, PlanningStore, QueueSpan } from './planning-store.ts'

export type ForecastSource = Pick<PlanningStore, 'newestForecastsOf' | 'forecastEdits'>

export class EffectiveForecasts {
  readonly #store: ForecastSource
  readonly #settings: PlanningSettings

  constructor(store: ForecastSource, settings: PlanningSettings) {
    this.#store = store
    this.#settings = settings
  }

  async newest(queueId: string, day: SiteDay): Promise<EffectiveDay | undefined> {
    return (await this.ofSpan({ queueId, fromDay: day, toDay: day }))[0]
  }

  /** Newest effective forecast of each day that has one. */
  async ofSpan(span: QueueSpan): Promise<readonly EffectiveDay[]> {
    const newest = await this.#store.newestForecastsOf({ ...span, intraday: true })
    if (newest.length === 0) return []
    const models = newest.some(({ intraday }) => intraday)
      ? await this.#store.newestForecastsOf({ ...span, intraday: false })
      : newest
    const edits = await this.#store.forecastEdits(span)
    const modelOf = new Map(models.map((model) => [model.day, model]))
    return newest.map((forecast) => this.#effective(forecast, modelOf.get(forecast.day), edits))
  }

  /**
   * The last forecast made without anything of the day, with the edits that were there when the day began: what can be
   * judged by what came.
   */
  async beforeTheDay(
    span: QueueSpan,
    dayStartMs: (day: SiteDay) => number,
  ): Promise<readonly EffectiveDay[]> {
    const models = await this.#store.newestForecastsOf({ ...span, intraday: false })
    const edits = models.length === 0 ? [] : await this.#store.forecastEdits(span)
    return models.map((model) =>
      this.#layered(
        model,
        edits.filter((edit) => edit.createdAtMs < dayStartMs(model.day)),
      ),
    )
  }

  /**
   * An intraday version started from the effective forecast, so its edits are inside. When the edits have changed since,
   * the day's own model forecast with the edits of now is right and the intraday one is not.
   */
  #effective(
    forecast: ForecastDay,
    model: ForecastDay | undefined,
    edits: readonly ForecastEdit[],
  ): EffectiveDay {
    if (!forecast.intraday || model === undefined) return this.#layered(forecast, edits)
    const active = edits.filter((edit) => isActiveOn(edit, forecast.day)).map(({ id }) => id)
    const inside = forecast.inputs?.editIds ?? []
    const same = active.length === inside.length && active.every((id, index) => id === inside[index])
    const layered = this.#layered(model, edits)
    if (!same) return layered
    const { editedContacts, editedAht } = layered
    return { ...forecast, editedContacts, editedAht, model: active.length === 0 ? forecast : model }
  }

  #layered(model: ForecastDay, edits: readonly ForecastEdit[]): EffectiveDay {
    const queue = this.#settings.queue(model.queueId)
    const grid = queue === undefined ? [] : dayGrid(queue, model.day)
    if (grid.length === model.contactsMean.length) return withEdits(model, grid, edits)
    // The queue's interval has changed since: the figures stand as they are until the next run.
    const none = model.contactsMean.map(() => false)
    return { ...model, editedContacts: none, editedAht: none, model }
  }
}

/** The store as those see it who only want the effective forecast. */
export function effectiveStore(store: PlanningStore, effective: EffectiveForecasts): PlanningStore {
  return {
    ...store,
    newestForecast: (queueId, day) => effective.newest(queueId, day),
    async newestForecasts(day) {
      const plain = await store.newestForecasts(day)
      const found: ForecastDay[] = []
      for (const { queueId } of plain) {
        const forecast = await effective.newest(queueId, day)
        if (forecast !== undefined) found.push(forecast)
      }
      return found
    },
  }
}
