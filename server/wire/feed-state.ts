/** What is said of a feed's state: a code with its values, of which a page makes words in the reader's language. */

export const FEED_STATE_CODES = [
  'connecting',
  'asking',
  'connected',
  'missed',
  'following',
  'log-moved',
  'closed',
  'disabled',
  /** `path` */
  'no-file',
  /** `path`, `cause` */
  'unreadable',
  'closed-by-peer',
  'no-answer',
  'other-protocol',
  'address-refused',
  /** `cause`: what the other side answered. */
  'sign-in-refused',
  /** `cause`: the code of the error where it has one, else its text. */
  'unreachable',
  /** `cause` */
  'not-stored',
  /** `count`: events dropped so far. */
  'overload',
  /** `seconds` between two signs of life that were promised. */
  'silent',
  'no-secret',
  /** `count`: requests refused since the start. */
  'signatures',
  /** `adapter` */
  'no-adapter',
  'no-path',
  /** `name` */
  'no-mapping',
  /** `place`, `detail` */
  'bad-mapping',
] as const
export type FeedStateCode = (typeof FEED_STATE_CODES)[number]

export interface FeedWord {
  readonly code: FeedStateCode
  readonly params: Readonly<Record<string, string | number>>
}

export function feedWord(code: FeedStateCode, params: FeedWord['params'] = {}): FeedWord {
  return { code, params }
}

export function isSameWord(a: FeedWord, b: FeedWord): boolean {
  const names = Object.keys(a.params)
  return (
    a.code === b.code &&
    names.length === Object.keys(b.params).length &&
    names.every((name) => a.params[name] === b.params[name])
  )
}
