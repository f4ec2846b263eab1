/** Time as a dependency: the real clock, or a scaled one for demo, replay and tests. */
export interface Clock {
  nowMs(): number
  /** Simulated seconds per real second; 1 for the real clock. */
  readonly speed: number
}

export const realClock: Clock = { nowMs: () => Date.now(), speed: 1 }

/** A clock that starts at `startMs` now and runs `speed` times as fast as `base`. */
export function scaledClock(startMs: number, speed: number, base: Clock = realClock): Clock {
  const origin = base.nowMs()
  return { speed, nowMs: () => startMs + (base.nowMs() - origin) * speed }
}
