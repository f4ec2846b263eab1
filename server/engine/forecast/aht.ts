// Handling time per slot: a day level times a slot ratio, weighted by contacts.

import type { PreparedSeries, SeriesHistory } from './prepare.ts'

export interface AhtModel {
  fill(
    columns: { readonly ahtSeconds: Float64Array; readonly ahtSecondsSd: Float64Array },
    at: { readonly originMinute: number; readonly running: unknown },
  ): void
}

export function fitAht(_history: SeriesHistory, _series: PreparedSeries): AhtModel {
  return { fill() {} }
}
