/** What alerts need to keep: every change of every alert, and every version of the thresholds. */
import type { AlertCause, AlertThresholds } from '../wire/alerts.ts'

export type AlertChangeKind = 'raised' | 'acknowledged' | 'ended'

export interface AlertChange {
  readonly alertId: string
  readonly version: number
  readonly kind: AlertChangeKind
  readonly changedAtMs: number
  readonly changedBy: string
  readonly scope: string
  readonly cause: AlertCause
  /** The queue or the source. */
  readonly subject: string
  readonly measured: number
  readonly threshold: number
}

export interface ThresholdVersion {
  readonly scope: string
  readonly version: number
  readonly changedAtMs: number
  readonly changedBy: string
  /** Null: the scope follows the site. */
  readonly body: AlertThresholds | null
}

export interface AlertStore {
  /** False when that version of the alert is there already: somebody was faster. */
  addAlertChange(change: AlertChange): Promise<boolean>
  /** Changes of the alerts that are open, or that changed at or after the instant; in order of alert and version. */
  alertChanges(sinceMs: number): Promise<readonly AlertChange[]>
  /** Undefined when `version` is not the one after the newest. */
  addThresholds(version: ThresholdVersion): Promise<ThresholdVersion | undefined>
  /** Newest version of every scope. */
  thresholds(): Promise<readonly ThresholdVersion[]>
}
