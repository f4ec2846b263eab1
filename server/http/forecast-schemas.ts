/** Schemas of what the forecast routes take; the types in wire/forecast-api.ts say what each field means. */
import { Type } from 'typebox'
import { closedObject, Day, Id } from './schemas.ts'

const REASON_LENGTH_MAX = 500
const Reason = Type.String({ minLength: 1, maxLength: REASON_LENGTH_MAX })
const Minute = Type.Integer({ minimum: 0, maximum: 1440 })
const Weekdays = Type.Array(Type.Integer({ minimum: 0, maximum: 6 }), {
  minItems: 1,
  maxItems: 7,
  uniqueItems: true,
})
const Measure = Type.Union([Type.Literal('contacts'), Type.Literal('aht')])
const Operation = Type.Union(
  (['set', 'add', 'percent', 'min', 'max', 'smooth', 'cells'] as const).map((name) => Type.Literal(name)),
)
const Spread = Type.Union([Type.Literal('each'), Type.Literal('shape')])

export const NewEdit = Type.Object(
  {
    measure: Measure,
    operation: Operation,
    fromDay: Type.Optional(Day),
    toDay: Type.Optional(Day),
    fromMinute: Type.Optional(Minute),
    toMinute: Type.Optional(Minute),
    weekdays: Type.Optional(Weekdays),
    amount: Type.Optional(Type.Number()),
    spread: Type.Optional(Spread),
    cells: Type.Optional(
      Type.Array(Type.Object({ startMs: Type.Integer(), value: Type.Number() }, closedObject), {
        maxItems: 50_000,
      }),
    ),
    reason: Reason,
  },
  closedObject,
)

const oneOff = { day: Day, fromMinute: Minute, toMinute: Minute, reason: Reason }
export const NewOneOff = Type.Object(oneOff, closedObject)
export const NewRun = Type.Object(
  {
    queueIds: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 10_000 })),
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: 396 })),
    compare: Type.Optional(Type.Boolean()),
  },
  closedObject,
)
