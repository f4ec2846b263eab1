/** Pieces that the routes' schemas share. Queries are text: what looks like a number is checked by pattern and read here. */
import { Type } from 'typebox'
import { isSiteDay } from '../domain/site-calendar.ts'
import { problem } from './problems.ts'

export const closedObject = { additionalProperties: false } as const
export const Id = Type.String({ minLength: 1, maxLength: 200 })
export const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'YYYY-MM-DD' })
export const Seconds = Type.String({ pattern: '^\\d{1,6}(\\.\\d{1,3})?$' })
export const Instant = Type.String({
  minLength: 10,
  maxLength: 40,
  description: 'ISO 8601 or epoch milliseconds',
})

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    instance: Type.Optional(Type.String()),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
  },
  { description: 'RFC 9457' },
)

/** The pattern lets 2026-02-31 through; the calendar does not. */
export function checkedDay(day: string, pointer: string): string {
  if (isSiteDay(day)) return day
  throw problem('invalid-request', { errors: [{ pointer, detail: `"${day}" is not a day` }] })
}

export function checkedInstantMs(text: string, pointer: string): number {
  const ms = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isFinite(ms) && Math.abs(ms) <= 8.64e15) return ms
  throw problem('invalid-request', { errors: [{ pointer, detail: `"${text}" is not an instant` }] })
}
