/**
 * When each agent is free, earliest first, in an array with room behind. Whoever serves a caller leaves the front and goes in
 * again from the back, few places before the end: for some dozen agents that costs half of what a heap does. Most of the cost is
 * branches that nobody can foresee, so four places at a time are looked at, and the last four settled without any.
 */

/** So many places before the head must hold nothing above any value that is put in, in order too: they end the search. */
export const FLOOR = 4
/** Of more agents than these a block is moved at once where it must. */
export const FEW = 48

/** Puts `value` into freeAt[head, end), which becomes one longer. Small, so that the compiler writes it into the hot loop. */
export function insertAgent(freeAt: Int32Array, end: number, value: number): void {
  let place = end
  let fourth = freeAt[place - 4] ?? 0
  while (fourth > value) {
    freeAt[place] = freeAt[place - 1] ?? 0
    freeAt[place - 1] = freeAt[place - 2] ?? 0
    freeAt[place - 2] = freeAt[place - 3] ?? 0
    freeAt[place - 3] = fourth
    place -= 4
    fourth = freeAt[place - 4] ?? 0
  }
  const third = freeAt[place - 3] ?? 0
  const second = freeAt[place - 2] ?? 0
  const first = freeAt[place - 1] ?? 0
  freeAt[place - 3] = least(third, value)
  freeAt[place - 2] = most(third, least(second, value))
  freeAt[place - 1] = most(second, least(first, value))
  freeAt[place] = most(first, value)
}

/** Math.min and Math.max branch; instants are far enough inside 32 bits for a difference. */
function least(a: number, b: number): number {
  const difference = (a - b) | 0
  return (b + (difference & (difference >> 31))) | 0
}

function most(a: number, b: number): number {
  const difference = (a - b) | 0
  return (b + (difference & ~(difference >> 31))) | 0
}

/** The same for any number of agents. */
export function insertAmongMany(freeAt: Int32Array, head: number, end: number, value: number): void {
  let low = head
  let high = end - FEW
  if (high < head || (freeAt[high] ?? 0) <= value) {
    insertAgent(freeAt, end, value)
    return
  }
  while (low < high) {
    const middle = (low + high) >> 1
    if ((freeAt[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  freeAt.copyWithin(low + 1, low, end)
  freeAt[low] = value
}
