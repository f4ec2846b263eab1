/** How far late events have been looked at for days that are closed already. Kept, so that a kill in between forgets none. */

export interface CloseCursor {
  /** The last event that was looked at; null before the first server has run. */
  read(): Promise<number | null>
  /** Never goes back. */
  advance(ingestSeq: number): Promise<void>
}
