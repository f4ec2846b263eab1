/** An alert in words: what is measured, against what, since when. */
import type { AlertBody } from '../../../server/wire/alerts.ts'
import { formatLevel, formatRatio, formatTarget } from '../format/number.ts'
import { formatClock, formatDuration } from '../format/time.ts'
import { session } from '../session/session.svelte.ts'

export function alertText(alert: AlertBody, nameOf: (queueId: string) => string): string {
  const subject = alert.queueId === null ? alert.subject : nameOf(alert.queueId)
  const { locale } = session
  switch (alert.cause) {
    case 'level':
      return session.t('alert.level', {
        subject,
        measured: formatLevel(locale, alert.measured, alert.threshold),
        threshold: formatTarget(locale, alert.threshold),
      })
    case 'coverage':
      return session.t('alert.coverage', { subject, measured: formatRatio(locale, alert.measured) })
    case 'longest-wait':
    case 'source':
      return session.t(`alert.${alert.cause}`, { subject, threshold: formatDuration(alert.threshold) })
  }
}

export function acknowledgedText({ acknowledgedAtMs, acknowledgedBy }: AlertBody, zone: string): string {
  if (acknowledgedAtMs === null) return ''
  const time = formatClock(session.locale, acknowledgedAtMs, zone, false)
  return acknowledgedBy === null
    ? session.t('alert.acknowledged', { time })
    : session.t('alert.acknowledgedBy', { name: acknowledgedBy, time })
}
