/** Offered load in erlang, kept to one rounding: near the limit everything scales with 1 / (agents - load). */

export interface OfferedLoad {
  readonly offeredErlangs: number
  /** What rounding left out: the exact load is offeredErlangs + residueErlangs. */
  readonly residueErlangs: number
}

const SPLITTER = 134217729

/** a b - fl(a b), exactly (Dekker 1971). */
function productError(a: number, b: number, product: number): number {
  const bigA = SPLITTER * a
  const aHigh = bigA - (bigA - a)
  const aLow = a - aHigh
  const bigB = SPLITTER * b
  const bHigh = bigB - (bigB - b)
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}

/** contacts x AHT / interval, and the part that the double could not hold. */
export function offeredLoad(contacts: number, intervalSeconds: number, ahtSeconds: number): OfferedLoad {
  const work = contacts * ahtSeconds
  const offeredErlangs = work / intervalSeconds
  const back = offeredErlangs * intervalSeconds
  const rest = work - back - productError(offeredErlangs, intervalSeconds, back)
  const residueErlangs = (rest + productError(contacts, ahtSeconds, work)) / intervalSeconds
  return { offeredErlangs, residueErlangs: Number.isFinite(residueErlangs) ? residueErlangs : 0 }
}

/** agents - load with the rounding of the load put back. */
export function agentsOverLoad(agents: number, load: OfferedLoad): number {
  return agents - load.offeredErlangs - load.residueErlangs
}
