/** Why a feed is not connected or not stored, as a word that a page can say in any language. */
import { type FeedStateCode, type FeedWord, feedWord } from '../wire/feed-state.ts'

const CAUSE_LENGTH_MAX = 200

/** Ends a connection of our own accord. */
export class FeedFault extends Error {
  readonly word: FeedWord

  constructor(code: FeedStateCode, params: FeedWord['params'] = {}) {
    super(code)
    this.word = feedWord(code, params)
  }
}

/** The word of a fault of ours; of any other error, that the peer could not be reached, and why. */
export function wordOf(error: unknown): FeedWord {
  return error instanceof FeedFault ? error.word : feedWord('unreachable', { cause: causeOf(error) })
}

/** The code of a system's error, or which bound of ours it was; else its own text. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, CAUSE_LENGTH_MAX)
  if ('code' in error && typeof error.code === 'string' && /^[A-Z_]{4,40}$/.test(error.code))
    return error.code
  if ('reason' in error && typeof error.reason === 'string' && error.reason !== '') return error.reason
  // Several addresses were tried: the first says it.
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0])
  return error.message.slice(0, CAUSE_LENGTH_MAX)
}
