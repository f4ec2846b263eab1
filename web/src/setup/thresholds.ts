/** Alert thresholds as they are typed: what each field takes, and when its text is none of it. Empty = this alert is never raised. */

import type { MessageKey } from '../../../server/messages/translate.ts'
import type { AlertThresholds } from '../../../server/wire/alerts.ts'

interface ThresholdField {
  readonly key: keyof AlertThresholds
  readonly label: MessageKey
  readonly least: number
  readonly most: number
  /** Typed in per cent, kept as a ratio. */
  readonly percent?: boolean
  /** A duration that goes with another field: never empty. */
  readonly required?: boolean
}

export const THRESHOLD_FIELDS: readonly ThresholdField[] = [
  { key: 'levelMinutes', label: 'thresholds.levelMinutes', least: 0, most: 480 },
  { key: 'longestWaitSeconds', label: 'thresholds.longestWaitSeconds', least: 5, most: 86_400 },
  { key: 'coverageRatio', label: 'thresholds.coverageRatio', least: 1, most: 100, percent: true },
  { key: 'coverageMinutes', label: 'thresholds.coverageMinutes', least: 0, most: 480, required: true },
  { key: 'silentSourceSeconds', label: 'thresholds.silentSourceSeconds', least: 5, most: 86_400 },
]

export type ThresholdDrafts = Readonly<Record<keyof AlertThresholds, string>>
export type ThresholdFaults = Partial<Record<keyof AlertThresholds, ThresholdField>>

export function thresholdDrafts(body: AlertThresholds): ThresholdDrafts {
  const text = (value: number | null) => (value === null ? '' : String(value))
  return {
    levelMinutes: text(body.levelMinutes),
    longestWaitSeconds: text(body.longestWaitSeconds),
    // A ratio of hundredths times 100 is not always whole.
    coverageRatio: text(body.coverageRatio === null ? null : Math.round(body.coverageRatio * 1e6) / 1e4),
    coverageMinutes: text(body.coverageMinutes),
    silentSourceSeconds: text(body.silentSourceSeconds),
  }
}

/** Either the whole body, or the fields that are wrong. */
export function thresholdsOf(drafts: ThresholdDrafts): {
  readonly body: AlertThresholds
  readonly faults: ThresholdFaults
} {
  const faults: ThresholdFaults = {}
  const values = new Map<keyof AlertThresholds, number | null>()
  for (const field of THRESHOLD_FIELDS) {
    const text = drafts[field.key].trim()
    if (text === '' && !field.required) {
      values.set(field.key, null)
      continue
    }
    const number = (field.percent ? /^\d{1,3}([.,]\d{1,4})?$/ : /^\d{1,6}$/).test(text)
      ? Number(text.replace(',', '.'))
      : Number.NaN
    if (number >= field.least && number <= field.most)
      values.set(field.key, field.percent ? number / 100 : number)
    else faults[field.key] = field
  }
  const value = (key: keyof AlertThresholds) => values.get(key) ?? null
  return {
    body: {
      levelMinutes: value('levelMinutes'),
      longestWaitSeconds: value('longestWaitSeconds'),
      coverageRatio: value('coverageRatio'),
      coverageMinutes: value('coverageMinutes') ?? 0,
      silentSourceSeconds: value('silentSourceSeconds'),
    },
    faults,
  }
}
