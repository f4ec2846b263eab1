/** Errors of a forecast against what came, beside what counting noise alone would leave. */
import { poissonFloorWape } from '../engine/forecast/accuracy.ts'
import type { AccuracyBody } from '../wire/forecast-api.ts'
import type { DayActual } from './day-actuals.ts'
import type { ForecastDay } from './planning-store.ts'

type Forecast = Pick<ForecastDay, 'contactsMean' | 'ahtSeconds'>

/** Over all intervals of all pairs whose contacts are known; null when there is none. */
export function accuracyOf(
  pairs: readonly { readonly forecast: Forecast; readonly actual: DayActual }[],
): AccuracyBody | null {
  const means: number[] = []
  let contacts = 0
  let forecast = 0
  let absolute = 0
  let ahtError = 0
  let ahtSum = 0
  for (const pair of pairs) {
    pair.actual.contacts.forEach((actual, index) => {
      const mean = pair.forecast.contactsMean[index]
      if (actual === null || mean === undefined || (mean === 0 && actual === 0)) return
      means.push(mean)
      contacts += actual
      forecast += mean
      absolute += Math.abs(mean - actual)
      const aht = pair.actual.ahtSeconds[index] ?? null
      if (aht === null) return
      ahtError += Math.abs((pair.forecast.ahtSeconds[index] ?? 0) - aht) * actual
      ahtSum += aht * actual
    })
  }
  if (means.length === 0) return null
  return {
    intervals: means.length,
    contacts,
    forecast,
    wape: contacts > 0 ? absolute / contacts : null,
    bias: contacts > 0 ? (forecast - contacts) / contacts : null,
    poissonFloorWape: forecast > 0 ? poissonFloorWape(Float64Array.from(means)) : null,
    ahtWape: ahtSum > 0 ? ahtError / ahtSum : null,
  }
}
