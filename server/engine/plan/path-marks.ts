/**
 * Where simulated paths stand at the start of intervals, kept so that another staffing can be tried from there on, and so
 * that a trial can tell when it stands again where the path without it stood.
 */
import { FLOOR } from './path-agents.ts'
import type { PathWalk } from './path-walk.ts'

export interface PathMarks {
  /** The first so many paths are kept. */
  readonly paths: number
  readonly agentsMax: number
  keep(path: number, walk: PathWalk): void
  /** Puts the walk to the start of the interval; where that was not kept, it stays where it is. */
  resume(path: number, interval: number, walk: PathWalk): void
  /** Every agent is free at the same instant as when it was kept, and so all that follows is the same. */
  isAsKept(path: number, walk: PathWalk): boolean
}

export interface PathMarksInput {
  readonly paths: number
  readonly intervals: number
  readonly at: readonly number[]
  readonly agentsMax: number
}

const WORDS = 4

export function createPathMarks({ paths, intervals, at, agentsMax }: PathMarksInput): PathMarks {
  const placeOf = new Map([...new Set(at)].map((interval, place) => [interval, place]))
  const places = placeOf.size
  // Sizes are one more than they are: 0 = not kept.
  const sizes = new Int32Array(paths * places)
  const words = new Int32Array(paths * places * WORDS)
  const starts = new Int32Array(paths * places)
  const free = new Int32Array(paths * places * agentsMax)
  const prints = new Int32Array(paths * intervals * 2)
  const print = createPrint()

  return {
    paths,
    agentsMax,
    keep(path, walk) {
      const { interval, head, size, freeAt, bits } = walk
      print.take(walk)
      prints[(path * intervals + interval) * 2] = print.first
      prints[(path * intervals + interval) * 2 + 1] = print.second
      const place = placeOf.get(interval)
      // Who waits without agents is not kept: such a path is walked again from its start.
      if (place === undefined || interval === 0 || walk.stranded.length > 0) return
      const index = path * places + place
      sizes[index] = size + 1
      starts[index] = walk.startsAt
      words.set([bits.a, bits.b, bits.c, bits.d], index * WORDS)
      for (let k = 0; k < size; k++) free[index * agentsMax + k] = freeAt[head + k] ?? 0
    },
    resume(path, interval, walk) {
      const place = placeOf.get(interval)
      const index = path * places + (place ?? 0)
      const size = (sizes[index] ?? 0) - 1
      if (place === undefined || size < 0) return
      walk.interval = interval
      walk.startsAt = starts[index] ?? 0
      walk.head = FLOOR
      walk.size = size
      const { bits, freeAt } = walk
      bits.a = words[index * WORDS] ?? 0
      bits.b = words[index * WORDS + 1] ?? 0
      bits.c = words[index * WORDS + 2] ?? 0
      bits.d = words[index * WORDS + 3] ?? 0
      for (let k = 0; k < size; k++) freeAt[FLOOR + k] = free[index * agentsMax + k] ?? 0
    },
    isAsKept(path, walk) {
      const index = (path * intervals + walk.interval) * 2
      if (prints[index] === 0 && prints[index + 1] === 0) return false
      print.take(walk)
      return prints[index] === print.first && prints[index + 1] === print.second
    },
  }
}

/** Sixty-four bits of when each agent is free, whatever their order in the heap; all who are free by now are alike. */
function createPrint() {
  return {
    first: 0,
    second: 0,
    take({ head, size, freeAt, startsAt, stranded }: PathWalk): void {
      let first = size
      let second = stranded.length
      for (let k = 0; k < size; k++) {
        const mixed = Math.imul(Math.max(freeAt[head + k] ?? 0, startsAt) ^ 0x9e3779b1, 0x85ebca6b)
        const word = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
        first = (first + word) | 0
        second = (second + Math.imul(word ^ (word >>> 13), word | 1)) | 0
      }
      this.first = first
      // With callers who wait for agents nothing is alike.
      this.second = second
      if (stranded.length > 0) this.first = this.second = 0
    },
  }
}
