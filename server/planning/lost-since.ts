/** Since when a day is lost: the instant from which on, without a break until now, more than all of the rest had to be met. */

/** A contact that has ended, as the promise's formula counts it. */
export interface EndedContact {
  readonly endedAtMs: number
  readonly met: number
  readonly counted: number
}

export interface LostSinceInput {
  readonly targetRatio: number
  readonly contacts: readonly EndedContact[]
  /** Counted contacts that the newest forecast expects from an instant to the day's end; never rises with time. */
  readonly expectedRestAt: (atMs: number) => number
  /** Instants at which the rest is looked at beside the ends of contacts: the ends of intervals until now. */
  readonly intervalEndsMs: readonly number[]
  readonly nowMs: number
}

/**
 * Null while the promise can still be kept. Derived from the ledger and the newest forecast, so that two servers, or one
 * that was restarted, say the same.
 */
export function lostSince({
  targetRatio,
  contacts,
  expectedRestAt,
  intervalEndsMs,
  nowMs,
}: LostSinceInput): number | null {
  const ended = contacts.filter(({ endedAtMs }) => endedAtMs <= nowMs)
  const marks = [
    ...ended,
    ...[...intervalEndsMs, nowMs]
      .filter((endedAtMs) => endedAtMs <= nowMs)
      .map((endedAtMs) => ({ endedAtMs, met: 0, counted: 0 })),
  ].sort((a, b) => a.endedAtMs - b.endedAtMs)
  let met = 0
  let counted = 0
  let since: number | null = null
  marks.forEach((mark, index) => {
    met += mark.met
    counted += mark.counted
    // Contacts that ended at one instant count together.
    if (marks[index + 1]?.endedAtMs === mark.endedAtMs) return
    const allowed = (1 - targetRatio) * (counted + expectedRestAt(mark.endedAtMs))
    const lost = counted - met > allowed + 1e-9
    if (!lost) since = null
    else since ??= mark.endedAtMs
  })
  return since
}
