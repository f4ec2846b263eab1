/** Durations, ages, clocks and days as the reader's language writes them; always in the zone given, never the browser's. */
import { type FormatLocale, formatDecimal, GAP } from './number.ts'

const TAG = { en: 'en-GB', fr: 'fr-FR' } as const
const formats = new Map<string, Intl.DateTimeFormat>()

function dateFormat(locale: FormatLocale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`
  const known = formats.get(key)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat(TAG[locale], options)
  formats.set(key, format)
  return format
}

/** `0:07`, `12:41`, `1:02:07`; whole seconds, rounded down, so that a wait counts up like a clock. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return GAP
  const whole = Math.max(0, Math.floor(seconds))
  const s = String(whole % 60).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${s}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${s}`
}

/** How long ago: `0.3 s`, `12 s`, `4 min`, `3 h`, `2 d`. */
export function formatAge(locale: FormatLocale, ageMs: number | null): string {
  if (ageMs === null || !Number.isFinite(ageMs)) return GAP
  const seconds = Math.max(0, ageMs) / 1000
  if (seconds < 10) return `${formatDecimal(locale, Math.floor(seconds * 10) / 10, 1)} s`
  if (seconds < 90) return `${Math.floor(seconds)} s`
  if (seconds < 5400) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} ${locale === 'fr' ? 'j' : 'd'}`
}

export function formatClock(locale: FormatLocale, epochMs: number, zone: string, withSeconds = true): string {
  return dateFormat(locale, {
    timeZone: zone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds ? { second: '2-digit' } : {}),
  }).format(epochMs)
}

export function formatDateTime(locale: FormatLocale, epochMs: number, zone: string): string {
  return dateFormat(locale, {
    timeZone: zone,
    hourCycle: 'h23',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(epochMs)
}

/** A site day (`YYYY-MM-DD`) in words: `Tue, 24 Nov 2026`, `mardi 24 novembre 2026`. */
export function formatDay(locale: FormatLocale, day: string, style: 'short' | 'long' = 'short'): string {
  const epochMs = Date.parse(`${day}T12:00:00Z`)
  if (!Number.isFinite(epochMs)) return day
  return dateFormat(locale, {
    timeZone: 'UTC',
    weekday: style,
    day: 'numeric',
    month: style,
    year: 'numeric',
  }).format(epochMs)
}
