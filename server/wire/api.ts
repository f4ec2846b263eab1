/** Bodies of the HTTP API that the web pages use. All instants epoch ms UTC in `…Ms`, days `YYYY-MM-DD`, ratios 0…1. */

import type { EventData, EventType } from '../domain/event.ts'
import type { UserRole } from '../domain/role.ts'
import type { ServiceLevelFormula } from '../domain/service-level.ts'
import type { SettingBodies, SettingKind } from '../domain/settings.ts'
import type { FeedWord } from './feed-state.ts'

/** GET /api/v1/me */
export interface MeBody {
  readonly name: string
  readonly role: UserRole
  readonly clientId: string | null
  readonly siteName: string
  readonly zone: string
  readonly currency: string
  readonly nowMs: number
  readonly clockSpeed: number
  readonly version: string
}

/** GET /api/v1/settings/:kind → current things; GET /api/v1/settings/:kind/:id/history → every version, newest first. */
export interface SettingBody<K extends SettingKind = SettingKind> {
  readonly kind: K
  readonly id: string
  readonly version: number
  readonly changedAtMs: number
  readonly changedBy: string
  readonly body: SettingBodies[K] | null
}
/** PUT /api/v1/settings/:kind/:id: `version` is the one that was edited (0 = new); 409 `setting-changed` when it is no longer the newest. */
export interface PutSettingBody<K extends SettingKind = SettingKind> {
  readonly version: number
  readonly body: SettingBodies[K] | null
}

/** One interval of the planner's page: forecast, its band, and what the page needs to compute consequences by itself. */
export interface PlanInterval {
  readonly startMs: number
  /** Wall-clock `HH:MM` in the queue's zone. */
  readonly label: string
  readonly open: boolean
  readonly contactsMean: number
  readonly contactsP10: number
  readonly contactsP90: number
  readonly ahtSeconds: number
  /** Coefficient of variation of the arrival rate (Poisson noise taken out). */
  readonly rateCv: number
  readonly actualContacts: number | null
  readonly required: number | null
  /** Agents of the newest draft or published plan; null = none yet. */
  readonly agents: number | null
}

/** GET /api/v1/plans/:queueId/:day */
export interface PlanDayBody {
  readonly queueId: string
  readonly queueName: string
  readonly day: string
  readonly zone: string
  readonly intervalMinutes: number
  readonly promise: {
    readonly targetRatio: number
    readonly answerThresholdSeconds: number
    readonly formula: ServiceLevelFormula
    readonly shortAbandonSeconds: number
  }
  readonly patienceSecondsMean: number
  readonly shrinkageRatio: number
  readonly costPerAgentHour: number
  readonly currency: string
  readonly forecast: {
    readonly version: number
    readonly method: string
    readonly author: string
    readonly createdAtMs: number
    readonly dayMean: number
    readonly dayP10: number
    readonly dayP90: number
    readonly historyDays: number
    /** Poisson floor of WAPE per interval. */
    readonly poissonFloorWape: number | null
    readonly notes: readonly string[]
  } | null
  readonly intervals: readonly PlanInterval[]
  readonly plan: PlanVersionBody | null
  readonly nowMs: number
}
export interface PlanVersionBody {
  readonly version: number
  readonly state: 'draft' | 'published'
  readonly author: string
  readonly createdAtMs: number
  readonly forecastVersion: number | null
  /** One whole number per interval of the day, in order. */
  readonly agents: readonly number[]
}
/** PUT /api/v1/plans/:queueId/:day (saves a draft) and POST …/publish: agents per interval of the day. POST …/copy {toDay}. GET …/csv. GET …/versions. */
export interface PutPlanBody {
  readonly agents: readonly number[]
  /** Newest plan version the editor saw (0 = none); 409 `plan-changed` otherwise. */
  readonly baseVersion: number
}
export interface CopyPlanBody {
  readonly toDay: string
}

/** GET /api/v1/queues/:id/contacts?from&to (or ?date, in the queue's zone; &view=event): the contacts behind a figure, by arrival. */
export interface ContactBody {
  readonly contactId: string
  readonly arrivedAtMs: number
  readonly outcome: ContactOutcome
  readonly waitSeconds: number | null
  readonly talkSeconds: number | null
  /** Why it left the queue: `callback` and what else the sources say. */
  readonly leftReason: string | null
  /** The last one who answered it. Null for a client's eyes. */
  readonly agent: string | null
  /** Everybody who answered a part of it, in order. Empty for a client's eyes. */
  readonly agents: readonly string[]
}
export type ContactOutcome = 'waiting' | 'answered' | 'abandoned' | 'left' | 'lost'
/** The list ends here, and the header `vigie-left-off` says how many more there are: ask for shorter spans. */
export const CONTACTS_MAX = 5_000

/** GET /api/v1/contacts/:contactId/events (staff): in the order in which they were written. */
export interface ContactEventBody {
  readonly id: string
  readonly source: string
  readonly type: EventType
  readonly occurredAtMs: number
  readonly receivedAtMs: number
  /** The source gave no time: it is that of receipt. */
  readonly timeAssumed: boolean
  /** Without the source's raw line; the caller's number is masked. */
  readonly data: Omit<EventData, 'raw'>
}

/** GET /api/v1/sources */
export interface SourceStateBody {
  readonly source: string
  readonly adapter: string | null
  readonly connected: boolean | null
  /** How the feed fares: in English, for logs; a page makes its words of `said`. */
  readonly detail: string | null
  readonly said: FeedWord | null
  readonly accepted: number
  readonly duplicates: number
  readonly conflicts: number
  readonly rejected: number
  readonly unknownVerbs: Readonly<Record<string, number>>
  readonly newestEventMs: number | null
  readonly newestReceivedMs: number | null
  /** The source of the settings that brings it; null for what nobody set up. */
  readonly settingId: string | null
  /** Events a real second over the last minute. */
  readonly eventsPerSecond: number
  /** Receive time less event time: of the newest event, and the smallest of ten minutes (below 0: its clock is ahead). */
  readonly lagMs: number | null
  readonly clockOffsetMs: number | null
  /** Since the server's start: events dated more than 2 s ahead, jumps of the clock, numbers that never came. */
  readonly aheadCount: number
  readonly clockJumps: number
  readonly sequenceHoles: number
  /** What the ledger was told to be missing since the server's start; the newest first. */
  readonly gaps: readonly {
    readonly atMs: number
    readonly reason: string
    /** In English, for logs; a page makes its words of `reason` and `params`. */
    readonly detail: string
    readonly params: Readonly<Record<string, number>>
  }[]
  readonly deadLetters: readonly {
    readonly place: string
    readonly reason: string
    readonly excerpt: string
    readonly receivedAtMs: number
  }[]
}

/** GET/POST /api/v1/users, POST /api/v1/users/:id/sign-in-link, DELETE /api/v1/users/:id; GET/POST/DELETE /api/v1/tokens (administrator, director). */
export interface UserBody {
  readonly id: string
  readonly name: string
  readonly role: UserRole
  readonly clientId: string | null
  readonly createdAtMs: number
}
export interface TokenBody {
  readonly id: string
  readonly name: string
  readonly role: 'ingest' | 'read'
  readonly createdAtMs: number
  readonly lastUsedAtMs: number | null
}

/** Errors everywhere: application/problem+json (RFC 9457). */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly instance?: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}
