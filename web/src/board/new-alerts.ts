/** Which alerts a tone is for. Pure. */

/** Which of these nobody has heard of yet: those that are open, looked after by nobody, and were not there before. */
export function newAlerts(
  known: ReadonlySet<string>,
  alerts: readonly { readonly key: string; readonly acknowledgedAtMs: number | null }[],
): readonly string[] {
  return alerts
    .filter(({ key, acknowledgedAtMs }) => acknowledgedAtMs === null && !known.has(key))
    .map(({ key }) => key)
}
