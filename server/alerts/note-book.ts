/** Notes pinned to a time: an outage, a campaign, a training. Every change is a version; a removed note is kept. */
import { isSiteDay } from '../domain/site-calendar.ts'
import {
  NOTE_HEADS_MAX,
  NOTE_KINDS,
  NOTE_TEXT_MAX,
  type NoteBody,
  type NoteKind,
  type PutNoteBody,
} from '../wire/alerts.ts'

export interface NoteVersion {
  readonly noteId: string
  readonly version: number
  readonly changedAtMs: number
  readonly changedBy: string
  readonly fromMs: number
  readonly toMs: number
  readonly queueId: string | null
  readonly kind: NoteKind
  readonly heads: number | null
  readonly text: string
  readonly removed: boolean
}

export interface NoteStore {
  /** False when that version is there already. */
  addNoteVersion(version: NoteVersion): Promise<boolean>
  newestNote(noteId: string): Promise<NoteVersion | undefined>
  /** Newest versions that are not removed and touch [from, to), in order of time. */
  notes(fromMs: number, toMs: number): Promise<readonly NoteVersion[]>
  noteVersions(noteId: string): Promise<readonly NoteVersion[]>
}

export interface NoteBookOptions {
  readonly store: NoteStore
  readonly nowMs: () => number
  readonly newId: () => string
  readonly clientOf: (queueId: string) => string | null | undefined
  readonly onChange: () => void
}

export type NoteOutcome =
  | { readonly kind: 'stored'; readonly note: NoteBody }
  | { readonly kind: 'changed'; readonly newestVersion: number }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'invalid'; readonly problems: readonly { pointer: string; detail: string }[] }

/** A note about longer than this is not about a time. */
const SPAN_MS_MAX = 31 * 86_400_000

export class NoteBook {
  readonly #options: NoteBookOptions

  constructor(options: NoteBookOptions) {
    this.#options = options
  }

  /** For a client: what concerns the whole site or its own queues, without who wrote it. */
  async notes(fromMs: number, toMs: number, clientId: string | null): Promise<readonly NoteBody[]> {
    const { store, clientOf } = this.#options
    const found = await store.notes(fromMs, toMs)
    return found
      .filter(({ queueId }) => clientId === null || queueId === null || clientOf(queueId) === clientId)
      .map((note) => ({ ...bodyOf(note), ...(clientId === null ? {} : { author: null }) }))
  }

  async add(body: PutNoteBody, author: string): Promise<NoteOutcome> {
    return this.#store(this.#options.newId(), 0, body, author, false)
  }

  async change(noteId: string, version: number, body: PutNoteBody, author: string): Promise<NoteOutcome> {
    const newest = await this.#options.store.newestNote(noteId)
    if (newest === undefined || newest.removed) return { kind: 'not-found' }
    return this.#store(noteId, version, body, author, false)
  }

  async remove(noteId: string, version: number, author: string): Promise<NoteOutcome> {
    const newest = await this.#options.store.newestNote(noteId)
    if (newest === undefined || newest.removed) return { kind: 'not-found' }
    return this.#store(noteId, version, newest, author, true)
  }

  async versions(noteId: string): Promise<readonly NoteVersion[]> {
    return this.#options.store.noteVersions(noteId)
  }

  async #store(
    noteId: string,
    version: number,
    body: PutNoteBody,
    author: string,
    removed: boolean,
  ): Promise<NoteOutcome> {
    const { store, nowMs, clientOf, onChange } = this.#options
    const problems = noteProblems(body, (queueId) => clientOf(queueId) !== undefined)
    if (problems.length > 0 && !removed) return { kind: 'invalid', problems }
    const { fromMs, toMs, queueId, kind, heads, text } = body
    const next: NoteVersion = {
      noteId,
      version: version + 1,
      changedAtMs: nowMs(),
      changedBy: author,
      fromMs,
      toMs,
      queueId,
      kind,
      heads,
      text: text.trim(),
      removed,
    }
    if (!(await store.addNoteVersion(next)))
      return { kind: 'changed', newestVersion: (await store.newestNote(noteId))?.version ?? 0 }
    onChange()
    return { kind: 'stored', note: bodyOf(next) }
  }
}

export function noteProblems(body: PutNoteBody, isQueue: (queueId: string) => boolean) {
  const problems: { pointer: string; detail: string }[] = []
  const bad = (pointer: string, detail: string) => problems.push({ pointer, detail })
  if (!isInstant(body.fromMs)) bad('/fromMs', 'must be an instant of this era')
  if (!isInstant(body.toMs)) bad('/toMs', 'must be an instant of this era')
  else if (body.toMs < body.fromMs) bad('/toMs', 'must not be before fromMs')
  else if (body.toMs - body.fromMs > SPAN_MS_MAX) bad('/toMs', 'must be within 31 days of fromMs')
  if (body.queueId !== null && !isQueue(body.queueId)) bad('/queueId', 'there is no such queue')
  if (!NOTE_KINDS.includes(body.kind)) bad('/kind', `must be one of ${NOTE_KINDS.join(', ')}`)
  const { heads } = body
  if (heads !== null && (!Number.isInteger(heads) || heads < 1 || heads > NOTE_HEADS_MAX))
    bad('/heads', `must be a whole number from 1 to ${NOTE_HEADS_MAX}, or null`)
  const length = body.text.trim().length
  if (length === 0 || length > NOTE_TEXT_MAX) bad('/text', `must have 1 to ${NOTE_TEXT_MAX} characters`)
  return problems
}

function isInstant(ms: number): boolean {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return false
  return isSiteDay(new Date(ms).toISOString().slice(0, 10))
}

export function bodyOf(note: NoteVersion): NoteBody {
  const { noteId, version, changedAtMs, changedBy, fromMs, toMs, queueId, kind, heads, text } = note
  return { noteId, version, changedAtMs, author: changedBy, fromMs, toMs, queueId, kind, heads, text }
}
