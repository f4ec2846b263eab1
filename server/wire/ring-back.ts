/** Callers who gave up, to ring back: bodies of the HTTP API. Only the staff gets them; a number is masked unless it was asked for. */

/** GET /api/v1/ring-back?queue&date (or from&to): every contact that was abandoned in the queue, by arrival. */
export interface RingBackBody {
  /** Whether this person may have whole numbers shown. */
  readonly mayReadNumbers: boolean
  /** Numbers of calls received longer ago are gone. */
  readonly numberDaysKept: number
  /** The first of the span, CALLERS_MAX at most. */
  readonly callers: readonly AbandonedCaller[]
  /** How many more there are: ask for a shorter span. */
  readonly leftOff: number
}
export const CALLERS_MAX = 5_000

export interface AbandonedCaller {
  readonly contactId: string
  readonly queueId: string
  readonly arrivedAtMs: number
  readonly abandonedAtMs: number
  readonly waitSeconds: number | null
  /** Its last two digits; null where the source told none, where it is too short, and where nothing is kept. */
  readonly maskedNumber: string | null
  /** `gone`: it is no longer kept. `untold`: no source told it. */
  readonly number: 'kept' | 'gone' | 'untold'
  /** How often the same caller gave up in this list; 1 where callers cannot be told apart. */
  readonly abandonedCount: number
  /** The same caller got through to the queue later on. */
  readonly answeredSinceMs: number | null
  readonly ringBack: RingBackMark | null
}

/** Who took the caller on. A mark of one of the caller's contacts covers the earlier ones. */
export interface RingBackMark {
  /** Of this contact's own mark; 0 where the mark is of another contact of the caller. */
  readonly version: number
  readonly by: string
  readonly atMs: number
}

/** POST /api/v1/ring-back/numbers {contactIds}: whole numbers of abandoned contacts. Bounded, and recorded. */
export interface ShownNumbersBody {
  readonly numbers: readonly { readonly contactId: string; readonly callerNumber: string | null }[]
}
/** Numbers in one request, and in an hour of one person. */
export const NUMBERS_PER_REQUEST_MAX = 100
export const NUMBERS_PER_HOUR_MAX = 300

/** PUT /api/v1/ring-back/contacts/:contactId: `version` is the one seen (0 = none); 409 `ring-back-changed` when somebody was faster. */
export interface PutRingBackBody {
  readonly version: number
  readonly rung: boolean
}
export interface StoredRingBack extends PutRingBackBody {
  readonly contactId: string
  readonly by: string
  readonly atMs: number
}

/** GET /api/v1/ring-back/rights; PUT /api/v1/ring-back/rights/:userId {allowed} (administrator, director). */
export interface NumberRightsBody {
  /** Supervisors who may have numbers shown. */
  readonly userIds: readonly string[]
  /** The newest first; older ones are kept, and not listed when there are more than NUMBER_VIEWS_MAX. */
  readonly views: readonly NumberViewBody[]
  readonly hasOlderViews: boolean
}
export const NUMBER_VIEWS_MAX = 100
export interface NumberViewBody {
  readonly name: string
  readonly atMs: number
  readonly count: number
}
