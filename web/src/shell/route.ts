/** Addresses of the pages, after the `#`: text to route and back. The sign-in secret lives here only, so it never reaches a server log. */

import { type ContactQuery, parseContactQuery, writeContactQuery } from '../contacts/contact-query.ts'

const SETUP_SECTIONS = [
  'site',
  'queues',
  'clients',
  'teams',
  'agents',
  'schedules',
  'sources',
  'thresholds',
  'people',
] as const
export type SetupSection = (typeof SETUP_SECTIONS)[number]

export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'sign-in'; readonly secret: string }
  | { readonly page: 'wall' }
  /** The board of a past moment; null: of a moment ago. */
  | { readonly page: 'moment'; readonly atMs: number | null }
  | { readonly page: 'boards' }
  /** A composed board. */
  | { readonly page: 'board'; readonly boardId: string }
  /** `boardId` null: a new one. */
  | { readonly page: 'compose'; readonly boardId: string | null }
  /** A screen that comes by a board link; the secret is gone from the address once it was exchanged. */
  | { readonly page: 'screen'; readonly secret: string | null }
  | { readonly page: 'plan'; readonly queueId: string | null; readonly day: string | null }
  | {
      readonly page: 'forecast'
      readonly queueId: string | null
      readonly day: string | null
      readonly span: ForecastSpan
      /** A stretch of the day that shall be marked as one-off. */
      readonly oneOff?: OneOffStretch
    }
  /** With a queue: that one is opened. */
  | { readonly page: 'reports'; readonly day: string | null; readonly queueId?: string }
  | { readonly page: 'contacts'; readonly query: ContactQuery }
  /** An agent's day; `day` null: today. */
  | { readonly page: 'agent'; readonly agentId: string; readonly day: string | null }
  | { readonly page: 'setup'; readonly section: SetupSection; readonly id: string | null }
  | { readonly page: 'not-found' }

/** How many days the forecast page shows at once; `day` is the one that an address does not name. */
export const FORECAST_SPANS = ['day', 'week', 'four-weeks', 'quarter'] as const
export type ForecastSpan = (typeof FORECAST_SPANS)[number]

export interface OneOffStretch {
  readonly fromMinute: number
  /** 1440: to the day's end. */
  readonly toMinute: number
  readonly reason: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

export function parseRoute(hash: string): Route {
  const [first = '', second = '', third = '', ...rest] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode)
  if (first === 'contacts') {
    const query = parseContactQuery(second, third, rest)
    return query === null ? { page: 'not-found' } : { page: 'contacts', query }
  }
  if (first === 'forecast' && rest.length <= 1 && (third === '' || DAY.test(third))) {
    const span = FORECAST_SPANS.find((name) => name === (rest[0] ?? 'day'))
    if (span !== undefined) return { page: 'forecast', queueId: second || null, day: third || null, span }
  }
  if (first === 'forecast' && rest[0] === 'one-off' && rest.length <= 3 && DAY.test(third)) {
    const oneOff = parseStretch(rest[1] ?? '', rest[2] ?? '')
    return { page: 'forecast', queueId: second || null, day: third, span: 'day', ...(oneOff && { oneOff }) }
  }
  if (rest.length > 0) return { page: 'not-found' }
  if (first === '') return { page: 'home' }
  if (first === 'sign-in') return { page: 'sign-in', secret: second }
  if (first === 'wall' && second === '') return { page: 'wall' }
  if (first === 'screen' && third === '') return { page: 'screen', secret: second || null }
  if (first === 'board' && second === 'at' && third !== '') {
    const atMs = Date.parse(third)
    if (Number.isFinite(atMs)) return { page: 'moment', atMs }
  }
  if (first === 'board' && second === 'at' && third === '') return { page: 'moment', atMs: null }
  if (first === 'boards' && second === '') return { page: 'boards' }
  if (first === 'boards' && second === 'new' && third === '') return { page: 'compose', boardId: null }
  if (first === 'boards' && third === '') return { page: 'board', boardId: second }
  if (first === 'boards' && third === 'edit') return { page: 'compose', boardId: second }
  if (first === 'plan' && (third === '' || DAY.test(third)))
    return { page: 'plan', queueId: second || null, day: third || null }
  if (first === 'reports' && (second === '' ? third === '' : DAY.test(second)))
    return { page: 'reports', day: second || null, ...(third && { queueId: third }) }
  if (first === 'agents' && second !== '' && (third === '' || DAY.test(third)))
    return { page: 'agent', agentId: second, day: third || null }
  if (first === 'setup') {
    const section = SETUP_SECTIONS.find((name) => name === (second || 'site'))
    if (section !== undefined) return { page: 'setup', section, id: third || null }
  }
  return { page: 'not-found' }
}

export function routeHash(route: Route): string {
  switch (route.page) {
    case 'home':
    case 'not-found':
      return '#/'
    case 'sign-in':
      return `#/sign-in/${encodeURIComponent(route.secret)}`
    case 'wall':
      return '#/wall'
    case 'moment':
      return route.atMs === null ? '#/board/at' : `#/board/at/${new Date(route.atMs).toISOString()}`
    case 'boards':
      return '#/boards'
    case 'board':
      return join('boards', route.boardId)
    case 'compose':
      return route.boardId === null ? '#/boards/new' : join('boards', route.boardId, 'edit')
    case 'screen':
      return join('screen', route.secret)
    case 'plan':
      return join('plan', route.queueId, route.day)
    case 'forecast':
      if (route.oneOff !== undefined)
        return join('forecast', route.queueId, route.day, ...stretchParts(route.oneOff))
      return join(
        'forecast',
        route.queueId,
        route.day,
        route.day === null || route.span === 'day' ? null : route.span,
      )
    case 'reports':
      return join('reports', route.day, route.queueId ?? null)
    case 'contacts':
      return join('contacts', ...writeContactQuery(route.query))
    case 'agent':
      return join('agents', route.agentId, route.day)
    case 'setup':
      return join('setup', route.section, route.id)
  }
}

/** `540-615`: minutes of the day. */
function parseStretch(minutes: string, reason: string): OneOffStretch | undefined {
  const [, from, to] = /^(\d{1,4})-(\d{1,4})$/.exec(minutes) ?? []
  const [fromMinute, toMinute] = [Number(from), Number(to)]
  return fromMinute < toMinute && toMinute <= 1440 ? { fromMinute, toMinute, reason } : undefined
}

function stretchParts({ fromMinute, toMinute, reason }: OneOffStretch): readonly string[] {
  return ['one-off', `${fromMinute}-${toMinute}`, reason]
}

function join(...parts: readonly (string | null)[]): string {
  return `#/${parts
    .filter((part) => part !== null)
    .map(encodeURIComponent)
    .join('/')}`
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
