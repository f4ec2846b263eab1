/**
 * Events of a contact that is over, as one text of a few dozen bytes each instead of objects of a few hundred: they are
 * needed again only when a late event comes. What packing takes in, unpacking gives back, field by field.
 */
import type { EventType } from '../domain/event.ts'
import { type FoldDetail, type FoldEvent, NO_DETAIL } from './fold-event.ts'

const DETAIL_FIELDS = Object.keys(NO_DETAIL) as readonly (keyof FoldDetail)[]
/** Names beyond this many are written out: a feed may invent some without end. */
const NAMES_MAX = 200_000

export class EventPacker {
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()

  /** JSON put together by hand, which takes a third of the time. */
  pack(events: readonly FoldEvent[]): string {
    let text = ''
    let id = ''
    let sequence = ''
    let atMs = 0
    for (const event of events) {
      const sharedId = sharedLength(id, event.id)
      id = event.id
      const head = `${this.#number(event.type)},${this.#number(event.source)},${event.occurredAtMs - atMs}`
      atMs = event.occurredAtMs
      text += `${text === '' ? '[' : ','}${head},${sharedId},${quoted(id.slice(sharedId))},`
      if (event.sequence === undefined) text += '-1,'
      else {
        const shared = sharedLength(sequence, event.sequence)
        sequence = event.sequence
        text += `${shared},${quoted(sequence.slice(shared))},`
      }
      text += `${this.#number(event.queueId)},${this.#number(event.agentId)},${packDetail(event.detail)}`
    }
    text += text === '' ? '[]' : ']'
    // Looking into a joined text makes it one piece: its parts would take ten times the memory.
    text.charCodeAt(0)
    return text
  }

  unpack(packed: string): FoldEvent[] {
    const cells = JSON.parse(packed) as unknown[]
    const events: FoldEvent[] = []
    let id = ''
    let sequence = ''
    let occurredAtMs = 0
    for (let at = 0; at < cells.length; ) {
      const type = this.#name(cells[at++]) as EventType
      const source = this.#name(cells[at++]) ?? ''
      occurredAtMs += cells[at++] as number
      id = id.slice(0, cells[at++] as number) + (cells[at++] as string)
      const shared = cells[at++] as number
      if (shared >= 0) sequence = sequence.slice(0, shared) + (cells[at++] as string)
      const queueId = this.#name(cells[at++])
      const agentId = this.#name(cells[at++])
      const mask = cells[at++] as number
      let detail: Record<string, unknown> | undefined
      if (mask > 0) {
        detail = { ...NO_DETAIL }
        for (const [place, field] of DETAIL_FIELDS.entries())
          if ((mask & (1 << place)) !== 0) detail[field] = cells[at++]
      }
      events.push({
        type,
        source,
        id,
        occurredAtMs,
        sequence: shared < 0 ? undefined : sequence,
        queueId,
        agentId,
        detail: detail as FoldDetail | undefined,
      })
    }
    return events
  }

  /** A number for a name; -1 for none; the name itself when there are too many. */
  #number(name: string | undefined): number | string {
    if (name === undefined) return -1
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    if (this.#names.length >= NAMES_MAX) return quoted(name)
    this.#numbers.set(name, this.#names.length)
    this.#names.push(name)
    return this.#names.length - 1
  }

  #name(cell: unknown): string | undefined {
    return typeof cell === 'number' ? this.#names[cell] : (cell as string)
  }
}

/** Which fields there are, then their values. A detail of nothing but undefined fields says the same as none. */
function packDetail(detail: FoldDetail | undefined): string {
  if (detail === undefined) return '0'
  let mask = 0
  let values = ''
  for (let place = 0; place < DETAIL_FIELDS.length; place += 1) {
    const value = detail[DETAIL_FIELDS[place] as keyof FoldDetail]
    if (value === undefined) continue
    mask |= 1 << place
    values += `,${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`
  }
  return mask + values
}

const NEEDS_ESCAPE = /[^ !#-[\]-~]/

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`
}

function sharedLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  let length = 0
  while (length < end && a.charCodeAt(length) === b.charCodeAt(length)) length += 1
  return length
}
