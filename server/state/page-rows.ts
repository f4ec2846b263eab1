/** Puts the events of one page of the ledger into rows, column by column: no event is made, each text is looked up once. */
import { type EventPage, NONE, type ShapeField } from '../ledger/event-page.ts'
import {
  ACW,
  type Chunk,
  ENDED_BY,
  HOLD,
  type Names,
  REASON,
  STATE,
  TALK,
  TYPES,
  WAIT,
} from './event-chunk.ts'
import type { IdAliases } from './fold-event.ts'

const DETAIL_FIELDS: ReadonlyMap<string, { readonly bit: number; readonly isText: boolean }> = new Map([
  ['reason', { bit: REASON, isText: true }],
  ['state', { bit: STATE, isText: true }],
  ['endedBy', { bit: ENDED_BY, isText: true }],
  ['waitSeconds', { bit: WAIT, isText: false }],
  ['talkSeconds', { bit: TALK, isText: false }],
  ['holdSeconds', { bit: HOLD, isText: false }],
  ['acwSeconds', { bit: ACW, isText: false }],
])

/** Events that are of a contact and of nothing else. */
const DIRECT_TYPES: ReadonlyMap<string, number> = new Map(
  TYPES.flatMap((type, index) =>
    type.startsWith('cc.contact.') && type !== 'cc.contact.merged.v1' ? [[type, index] as const] : [],
  ),
)
const NO_TYPE = -1
const NOT_ASKED = -2

/** Numbers for the texts of a page, by their places; asked for once each. */
class PlaceNumbers {
  readonly #numbers: Int32Array
  readonly #texts: readonly string[]
  readonly #numberOf: (text: string) => number

  constructor(texts: readonly string[], numberOf: (text: string) => number) {
    this.#numbers = new Int32Array(texts.length).fill(NOT_ASKED)
    this.#texts = texts
    this.#numberOf = numberOf
  }

  /** 0 for none. */
  of(place: number): number {
    if (place === NONE) return 0
    const known = this.#numbers[place] as number
    if (known !== NOT_ASKED) return known
    const number = this.#numberOf(this.#texts[place] as string)
    this.#numbers[place] = number
    return number
  }
}

export class PageTaking {
  readonly #page: EventPage
  readonly #types: Int32Array
  readonly #plain: PlaceNumbers
  readonly #queues: PlaceNumbers
  readonly #agents: PlaceNumbers
  readonly #shapes: readonly (readonly TakenField[] | null)[]

  constructor(page: EventPage, names: Names, aliases: IdAliases) {
    const { texts, shapes } = page.columns
    this.#page = page
    this.#types = Int32Array.from(texts, (text) => DIRECT_TYPES.get(text) ?? NO_TYPE)
    this.#plain = new PlaceNumbers(texts, (text) => names.numberOf(text))
    this.#queues = new PlaceNumbers(texts, (text) => names.numberOf(aliases.queueOf(text)))
    this.#agents = new PlaceNumbers(texts, (text) => names.numberOf(aliases.agentOf(text)))
    this.#shapes = shapes.map(takenFields)
  }

  /** False where the event is none of a contact, none of the period, or one that rows cannot say. */
  put(chunk: Chunk, at: number, row: number): boolean {
    const { columns } = this.#page
    const type = this.#types[columns.types[row] as number] as number
    const fields = this.#shapes[columns.shapeOf[row] as number] as readonly TakenField[] | null
    if (type === NO_TYPE || fields === null || columns.contacts[row] === NONE) return false
    if (!this.#page.has(row) || (columns.oddIds.size > 0 && columns.oddIds.has(row))) return false
    const prefixPlace = columns.prefixes[row] as number
    // A sequence that ends in no digits.
    if (prefixPlace !== NONE && (columns.sequenceNumbers[row] as number) < 0) return false
    const source = this.#plain.of(columns.sources[row] as number)
    const prefix = this.#plain.of(prefixPlace)
    const queue = this.#queues.of(columns.queues[row] as number)
    const agent = this.#agents.of(columns.agents[row] as number)
    if (source < 0 || prefix < 0 || queue < 0 || agent < 0) return false
    chunk.types[at] = type
    chunk.sources[at] = source
    chunk.prefixes[at] = prefix
    chunk.queues[at] = queue
    chunk.agents[at] = agent
    return fields.length === 0 || this.#putDetail(chunk, at, row, fields)
  }

  #putDetail(chunk: Chunk, at: number, row: number, fields: readonly TakenField[]): boolean {
    const { values, valueStarts } = this.#page.columns
    const start = valueStarts[row] as number
    const firstValue = chunk.valueEnd
    let mask = 0
    for (const { bit, offset, isText } of fields) {
      const value = values[start + offset] as number
      const kept = isText ? this.#plain.of(value) : value
      if (isText && kept < 0) {
        chunk.valueEnd = firstValue
        return false
      }
      mask |= chunk.putValue(bit, kept)
    }
    chunk.valueStarts[at] = firstValue
    chunk.details[at] = mask
    return true
  }
}

interface TakenField {
  readonly bit: number
  readonly offset: number
  readonly isText: boolean
}

/** The fields of a shape that a detail has, in the order in which rows keep them; null where a row cannot keep one. */
function takenFields(shape: readonly ShapeField[]): readonly TakenField[] | null {
  const fields: TakenField[] = []
  for (const [offset, { name, kind }] of shape.entries()) {
    if (name === 'visitId') return null
    const known = DETAIL_FIELDS.get(name)
    if (known === undefined) continue
    if (kind !== (known.isText ? 'text' : 'number')) return null
    fields.push({ ...known, offset })
  }
  return fields.sort((a, b) => a.bit - b.bit)
}
