/** What an adapter of a file yields, line by line: an event, or why there is none. Nothing is dropped in silence. */
import type { EventEnvelope } from '../domain/event.ts'

export type ImportItem =
  | { readonly kind: 'event'; readonly line: number; readonly verb: string; readonly envelope: EventEnvelope }
  | { readonly kind: 'rejected'; readonly line: number; readonly reason: string; readonly excerpt: string }
  /** Understood and of no meaning here: counted by `why`. */
  | { readonly kind: 'skipped'; readonly line: number; readonly why: string }
  | { readonly kind: 'unknown-verb'; readonly line: number; readonly verb: string }

const EXCERPT_LENGTH_MAX = 200

export function rejected(line: number, reason: string, text: string): ImportItem {
  return { kind: 'rejected', line, reason, excerpt: text.slice(0, EXCERPT_LENGTH_MAX) }
}

export interface ImportContext {
  readonly source: string
  /** Of local times without an offset. */
  readonly zone: string
  readonly nowMs: number
}
