/** What the forecast routes ask of planning: views, edits, one-offs, CSV, runs. */
import type { SiteDay } from '../domain/site-calendar.ts'
import type {
  CurrentRunBody,
  ForecastCsvUploadBody,
  NewForecastRunBody,
  SpecialDayBody,
} from '../wire/forecast-api.ts'
import type { EffectiveForecasts } from './effective-forecasts.ts'
import { editsOfCsv, forecastCsv } from './forecast-csv.ts'
import type { ForecastEdits } from './forecast-edits.ts'
import type { ForecastOutcome } from './forecast-outcome.ts'
import type { ForecastRuns, StartOutcome } from './forecast-runs.ts'
import type { ForecastViews } from './forecast-views.ts'
import type { OneOffs } from './one-offs.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { QueueSpan } from './planning-store.ts'

export interface ForecastServiceOptions {
  readonly settings: PlanningSettings
  readonly effective: EffectiveForecasts
  readonly views: ForecastViews
  readonly edits: ForecastEdits
  readonly oneOffs: OneOffs
  readonly runs: ForecastRuns
}

export class ForecastService {
  readonly views: ForecastViews
  readonly edits: ForecastEdits
  readonly oneOffs: OneOffs
  readonly #options: ForecastServiceOptions

  constructor(options: ForecastServiceOptions) {
    this.#options = options
    this.views = options.views
    this.edits = options.edits
    this.oneOffs = options.oneOffs
  }

  /** The effective forecast of the days that have one; undefined when the queue is unknown. */
  async csv(span: QueueSpan): Promise<string | undefined> {
    const queue = this.#options.settings.queue(span.queueId)
    return queue === undefined ? undefined : forecastCsv(queue, await this.#options.effective.ofSpan(span))
  }

  async uploadCsv(
    queueId: string,
    upload: { readonly text: string; readonly reason: string; readonly author: string },
  ): Promise<ForecastOutcome<ForecastCsvUploadBody>> {
    const queue = this.#options.settings.queue(queueId)
    if (queue === undefined) return { kind: 'not-found' }
    const read = editsOfCsv(upload.text, queue, upload.reason)
    if (read.kind === 'invalid') return read
    const outcome = await this.edits.addAll(queueId, read.edits, upload.author)
    return outcome.kind === 'done' ? { kind: 'done', value: { edits: outcome.value } } : outcome
  }

  /** Null: of any queue. Undefined when the queue is unknown. */
  specialDays(
    queueId: string | null,
    fromDay: SiteDay,
    toDay: SiteDay,
  ): readonly SpecialDayBody[] | undefined {
    if (queueId !== null && this.#options.settings.queue(queueId) === undefined) return undefined
    return this.views.specialDays(queueId, fromDay, toDay)
  }

  startRun(wanted: NewForecastRunBody, author: string): StartOutcome {
    return this.#options.runs.start(wanted, author)
  }

  currentRun(): CurrentRunBody {
    return this.#options.runs.current() ?? { state: 'idle' }
  }
}
