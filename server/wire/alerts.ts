/** Alerts, their thresholds, and notes pinned to a time: what pages and server exchange. */

export const ALERT_CAUSES = ['level', 'longest-wait', 'coverage', 'source'] as const
export type AlertCause = (typeof ALERT_CAUSES)[number]

/** Scope of the thresholds that hold where a board has none of its own. */
export const SITE_SCOPE = 'site'

/** One alert as it stands. `key` = `alertId`: it is a row of a board, too. */
export interface AlertBody {
  readonly key: string
  readonly alertId: string
  /** Rises with every change: acknowledging names the one that was seen. */
  readonly version: number
  readonly scope: string
  readonly cause: AlertCause
  /** The queue; null where a source is silent. */
  readonly queueId: string | null
  /** Name of the queue or source; a client's feed is just "feed". */
  readonly subject: string
  /** What was measured when it was raised, and the threshold: ratios 0…1, or seconds. */
  readonly measured: number
  readonly threshold: number
  readonly raisedAtMs: number
  readonly acknowledgedAtMs: number | null
  /** Null before, and for a client's eyes. */
  readonly acknowledgedBy: string | null
  readonly endedAtMs: number | null
}

/** GET /api/v1/alerts?hours=24: what is open, then what has ended in that time, newest first. */
export interface AlertsBody {
  readonly nowMs: number
  readonly open: readonly AlertBody[]
  readonly ended: readonly AlertBody[]
  /** Ended ones that are left off at the end: ask for fewer hours. */
  readonly endedLeftOff: number
}
export const ENDED_ALERTS_MAX = 1_000
/** POST /api/v1/alerts/:id/acknowledge; 409 `alert-changed` when it ended or somebody was faster. */
export interface AcknowledgeBody {
  readonly version: number
}

/** When an alert is raised; null = never. Each ends only a little beyond where it began, so that it does not flicker. */
export interface AlertThresholds {
  /** The half-hour level has been under the target for this long. */
  readonly levelMinutes: number | null
  readonly longestWaitSeconds: number | null
  /** Staffed ÷ required has been below this for `coverageMinutes`. */
  readonly coverageRatio: number | null
  readonly coverageMinutes: number
  readonly silentSourceSeconds: number | null
}
export const DEFAULT_ALERT_THRESHOLDS: AlertThresholds = {
  levelMinutes: 10,
  longestWaitSeconds: 120,
  coverageRatio: 0.8,
  coverageMinutes: 5,
  silentSourceSeconds: 120,
}
/** GET /api/v1/alert-thresholds/:scope (`site` or a board); PUT with the version that was edited, body null = the site's. */
export interface AlertThresholdsBody {
  readonly scope: string
  readonly version: number
  readonly changedAtMs: number | null
  readonly changedBy: string | null
  readonly body: AlertThresholds | null
}
export interface PutAlertThresholdsBody {
  readonly version: number
  readonly body: AlertThresholds | null
}

export const NOTE_KINDS = ['outage', 'campaign', 'training', 'other'] as const
export type NoteKind = (typeof NOTE_KINDS)[number]
export const NOTE_TEXT_MAX = 280
export const NOTE_HEADS_MAX = 10_000

/** GET /api/v1/notes?day=… ; POST /api/v1/notes; PUT and DELETE /api/v1/notes/:id with the version that was seen. */
export interface NoteBody {
  readonly noteId: string
  readonly version: number
  readonly changedAtMs: number
  /** Null for a client's eyes. */
  readonly author: string | null
  readonly fromMs: number
  readonly toMs: number
  /** Null = the whole site. */
  readonly queueId: string | null
  readonly kind: NoteKind
  /** Agents away from the phones meanwhile; null = not said. */
  readonly heads: number | null
  readonly text: string
}
/** As a row of a board. */
export interface BoardNoteRow extends NoteBody {
  readonly key: string
}
export interface PutNoteBody {
  readonly fromMs: number
  readonly toMs: number
  readonly queueId: string | null
  readonly kind: NoteKind
  readonly heads: number | null
  readonly text: string
}
