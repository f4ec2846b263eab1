// The weeks that move with Easter: how much of what was fitted for them is believed.

import { at } from './vector.ts'

/** Fall of the absolute error on their days from which they are believed wholly: chance alone gives some 8 %. */
const FULL_GAIN = 0.15

/** What a fit with all of the weeks' effect left over a level. */
export interface LeftOver {
  readonly residual: Float64Array
  readonly level: Float64Array
}

/**
 * Takes from `effect` what of `movable` is not believed, and returns what is: a few columns fitted to two or three Easters
 * explain something of any history.
 */
export function believedWeeks(
  movable: Float64Array,
  effect: Float64Array,
  { residual, level }: LeftOver,
): Float64Array {
  let before = 0
  let after = 0
  for (let day = 0; day < residual.length; day++) {
    const error = at(residual, day) - at(level, day)
    if (at(movable, day) === 0 || Number.isNaN(error)) continue
    before += Math.abs(error + at(movable, day))
    after += Math.abs(error)
  }
  const gain = before > 0 ? 1 - after / before : 0
  const believed = Math.max(0, Math.min(1, gain / FULL_GAIN))
  for (let day = 0; day < effect.length; day++)
    effect[day] = at(effect, day) - (1 - believed) * at(movable, day)
  return movable.map((value) => believed * value)
}
