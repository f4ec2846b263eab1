/** What ringing back needs to keep: marks, rights to see numbers, and how many were shown to whom. Every change is a row. */

export interface RingBackVersion {
  readonly contactId: string
  readonly version: number
  readonly changedAtMs: number
  readonly changedBy: string
  readonly rung: boolean
}

export interface NumberRight {
  readonly userId: string
  readonly changedAtMs: number
  readonly changedBy: string
  readonly allowed: boolean
}

/** How many numbers, never which. */
export interface NumberView {
  readonly viewedAtMs: number
  readonly userId: string
  readonly userName: string
  readonly numbers: number
}

export interface RingBackStore {
  /** False when `version` is not the one after the newest. */
  addRingBack(mark: RingBackVersion): Promise<boolean>
  /** The newest version of each of these contacts that has one. */
  ringBacks(contactIds: readonly string[]): Promise<readonly RingBackVersion[]>
  addNumberRight(right: NumberRight): Promise<void>
  /** The newest of every account that was ever given or refused one. */
  numberRights(): Promise<readonly NumberRight[]>
  /** False, and nothing is stored, when the person would have been shown more than `numbersMax` since the instant. */
  addNumberView(view: NumberView, sinceMs: number, numbersMax: number): Promise<boolean>
  /** The newest first. */
  numberViews(limit: number): Promise<readonly NumberView[]>
}
