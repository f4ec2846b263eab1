/**
 * The effective forecast of the running day as what an intraday update starts from: an edit that the director made is part of
 * what the day is expected to bring, so that contacts that follow the edit are no surprise a second time.
 */
import type { FittedSeries } from '../engine/forecast/index.ts'
import type { GridInterval } from './day-grid.ts'
import type { EffectiveDay } from './forecast-layer.ts'

/** The same fit, whose first day is the effective one. As it was when no edit acts. */
export function editedFit(
  fitted: FittedSeries,
  effective: EffectiveDay,
  grid: readonly GridInterval[],
): FittedSeries {
  const contactsEdited = effective.editedContacts.some((edited) => edited)
  const ahtEdited = effective.editedAht.some((edited) => edited)
  if (!contactsEdited && !ahtEdited) return fitted
  return {
    ...fitted,
    source: contactsEdited ? editedSource(fitted, effective, grid) : fitted.source,
    aht: ahtEdited ? editedAht(fitted, effective, grid) : fitted.aht,
  }
}

function editedSource(
  fitted: FittedSeries,
  effective: EffectiveDay,
  grid: readonly GridInterval[],
): FittedSeries['source'] {
  const { source, series } = fitted
  const day = series.originIndex
  const means = slotValues(fitted, grid, effective.contactsMean)
  const total = means.reduce((sum, mean) => sum + mean, 0)
  const shares = total > 0 ? means.map((mean) => mean / total) : means
  return {
    dayMean: (index, lead) => (index === day ? total : source.dayMean(index, lead)),
    shares: (index, lead) => (index === day ? shares : source.shares(index, lead)),
  }
}

/** The update learns how handling times differ from what the edited forecast says. */
function editedAht(
  fitted: FittedSeries,
  effective: EffectiveDay,
  grid: readonly GridInterval[],
): FittedSeries['aht'] {
  const { aht } = fitted
  const edited = slotValues(fitted, grid, effective.ahtSeconds)
  const secondsOf = (slot: number) => {
    const seconds = edited[slot] ?? 0
    return seconds > 0 ? seconds : aht.slotSeconds(slot)
  }
  return {
    meanSd: (seconds, contacts) => aht.meanSd(seconds, contacts),
    slotSeconds: secondsOf,
    runningFactor: (running, knownSlots) =>
      aht.runningFactor(
        {
          handled: running.handled,
          handleSeconds: running.handleSeconds.map(
            (seconds, slot) => (seconds * aht.slotSeconds(slot)) / secondsOf(slot),
          ),
        },
        knownSlots,
      ),
  }
}

/** One value a wall-clock slot, from one a grid interval: on a day without a change of clocks they are the same. */
function slotValues(
  { series }: FittedSeries,
  grid: readonly GridInterval[],
  column: readonly number[],
): Float64Array {
  const values = new Float64Array(series.slots)
  grid.forEach(({ slot }, index) => {
    values[slot] = column[index] ?? 0
  })
  return values
}
