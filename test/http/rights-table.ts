/** Who may use which route: written from the table of server/http/README.md, not read from the routes. */
import { DAY } from './running-server.ts'

export type Who = 'administrator' | 'director' | 'supervisor' | 'client' | 'read' | 'ingest'
export const WHO: readonly Who[] = ['administrator', 'director', 'supervisor', 'client', 'read', 'ingest']
const ADMINISTRATION: readonly Who[] = ['administrator', 'director']
const STAFF: readonly Who[] = [...ADMINISTRATION, 'supervisor']
const STAFF_OR_READER: readonly Who[] = [...STAFF, 'read']
const PEOPLE: readonly Who[] = [...STAFF, 'client']
const PEOPLE_OR_READER: readonly Who[] = [...PEOPLE, 'read']

/** Written from the table of the README, not read from the routes. */
export const ROUTES: readonly (readonly [
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  allowed: readonly Who[],
])[] = [
  ['GET', '/api/v1/me', PEOPLE],
  ['POST', '/api/v1/sign-out', PEOPLE],
  ['GET', '/api/v1/clock', WHO],
  ['GET', '/api/v1/settings/queue', STAFF_OR_READER],
  ['GET', '/api/v1/settings/queue/orders', STAFF_OR_READER],
  ['GET', '/api/v1/settings/queue/orders/history', STAFF_OR_READER],
  ['PUT', '/api/v1/settings/team/one', ADMINISTRATION],
  ['GET', '/api/v1/users', ADMINISTRATION],
  ['POST', '/api/v1/users', ADMINISTRATION],
  ['POST', '/api/v1/users/nobody/sign-in-link', ADMINISTRATION],
  ['DELETE', '/api/v1/users/nobody', ADMINISTRATION],
  ['GET', '/api/v1/tokens', ADMINISTRATION],
  ['POST', '/api/v1/tokens', ADMINISTRATION],
  ['DELETE', '/api/v1/tokens/none', ADMINISTRATION],
  ['GET', '/api/v1/sources', STAFF_OR_READER],
  ['GET', '/api/v1/sources/dead-letters?source=x', ADMINISTRATION],
  ['POST', '/api/v1/events', ['ingest']],
  ['GET', `/api/v1/reports/day?date=${DAY}`, PEOPLE_OR_READER],
  ['GET', `/api/v1/reports/day?date=${DAY}&format=csv`, PEOPLE_OR_READER],
  ['GET', `/api/v1/queues/orders/contacts?from=${DAY}T00:00:00Z&to=${DAY}T23:00:00Z`, PEOPLE_OR_READER],
  ['GET', `/api/v1/queues/orders/contacts?date=${DAY}`, PEOPLE_OR_READER],
  ['GET', '/api/v1/contacts/c-orders/events', STAFF],
  ['GET', '/api/v1/figures?scope=queue&id=orders', PEOPLE_OR_READER],
  ['GET', `/api/v1/queues/orders/revisions?date=${DAY}`, PEOPLE_OR_READER],
  ['GET', `/api/v1/agents/anna/day?date=${DAY}`, STAFF],
  ['GET', `/api/v1/schedules/${DAY}`, STAFF],
  ['PUT', `/api/v1/schedules/${DAY}`, ADMINISTRATION],
  ['GET', `/api/v1/plans/orders/${DAY}`, STAFF_OR_READER],
  ['GET', `/api/v1/plans/orders/${DAY}/versions`, STAFF_OR_READER],
  ['GET', `/api/v1/plans/orders/${DAY}/csv`, STAFF_OR_READER],
  ['PUT', `/api/v1/plans/orders/${DAY}`, ADMINISTRATION],
  ['POST', `/api/v1/plans/orders/${DAY}/publish`, ADMINISTRATION],
  ['POST', `/api/v1/plans/orders/${DAY}/copy`, ADMINISTRATION],
  ['GET', `/api/v1/forecasts/orders?from=${DAY}&to=${DAY}`, STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/orders/days/${DAY}`, STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/orders/days/${DAY}/versions`, STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/orders/days/${DAY}/versions/1`, STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/orders/days/${DAY}/compare?left=1&right=2`, STAFF_OR_READER],
  ['GET', '/api/v1/forecasts/orders/methods', STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/special-days?from=${DAY}&to=${DAY}`, STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/orders/edits?from=${DAY}&to=${DAY}`, STAFF_OR_READER],
  ['POST', '/api/v1/forecasts/orders/edits', ADMINISTRATION],
  ['DELETE', '/api/v1/forecasts/orders/edits/1', ADMINISTRATION],
  ['POST', '/api/v1/forecasts/orders/edits/1/restore', ADMINISTRATION],
  ['GET', `/api/v1/forecasts/orders/csv?from=${DAY}&to=${DAY}`, STAFF_OR_READER],
  ['POST', '/api/v1/forecasts/orders/edits/csv?reason=r', ADMINISTRATION],
  ['GET', `/api/v1/forecasts/orders/one-offs?from=${DAY}&to=${DAY}`, STAFF_OR_READER],
  ['POST', '/api/v1/forecasts/orders/one-offs', STAFF],
  ['DELETE', '/api/v1/forecasts/orders/one-offs/1', STAFF],
  ['POST', '/api/v1/forecasts/runs', ADMINISTRATION],
  ['GET', '/api/v1/forecasts/runs/current', STAFF_OR_READER],
  ['GET', '/api/v1/boards', STAFF_OR_READER],
  ['GET', '/api/v1/boards/none', STAFF_OR_READER],
  ['GET', '/api/v1/boards/none/history', STAFF_OR_READER],
  ['POST', '/api/v1/boards', STAFF],
  ['PUT', '/api/v1/boards/none', STAFF],
  ['GET', '/api/v1/boards/none/links', STAFF],
  ['POST', '/api/v1/boards/none/links', STAFF],
  ['DELETE', '/api/v1/board-links/none', STAFF],
  ['GET', `/api/v1/ring-back?queue=orders&date=${DAY}`, STAFF],
  ['POST', '/api/v1/ring-back/numbers', STAFF],
  ['PUT', '/api/v1/ring-back/contacts/c-orders', STAFF],
  ['GET', '/api/v1/ring-back/rights', ADMINISTRATION],
  ['PUT', '/api/v1/ring-back/rights/nobody', ADMINISTRATION],
  ['GET', '/api/v1/look-ahead', STAFF_OR_READER],
  ['POST', '/api/v1/look-ahead/run', STAFF],
  ['GET', '/api/v1/alerts', PEOPLE_OR_READER],
  ['POST', '/api/v1/alerts/none/acknowledge', STAFF],
  ['GET', '/api/v1/alert-thresholds/site', STAFF_OR_READER],
  ['PUT', '/api/v1/alert-thresholds/site', ADMINISTRATION],
  ['GET', `/api/v1/notes?day=${DAY}`, PEOPLE_OR_READER],
  ['POST', '/api/v1/notes', STAFF],
  ['GET', '/api/v1/notes/none/versions', STAFF_OR_READER],
  ['PUT', '/api/v1/notes/none', STAFF],
  ['DELETE', '/api/v1/notes/none', STAFF],
  ['GET', `/api/v1/moments/${DAY}T10:00:00Z`, PEOPLE_OR_READER],
  ['GET', '/api/v1/month-to-date', PEOPLE_OR_READER],
  ['GET', '/metrics', STAFF_OR_READER],
  ['GET', '/api/v1/openapi.json', PEOPLE_OR_READER],
  ['GET', '/api/docs', PEOPLE_OR_READER],
  ['GET', '/api/v1/live', PEOPLE_OR_READER],
  ['GET', '/api/docs/', PEOPLE_OR_READER],
  ['GET', '/api/docs/json', PEOPLE_OR_READER],
  ['GET', '/api/docs/yaml', PEOPLE_OR_READER],
  ['GET', '/api/docs/static/index.html', PEOPLE_OR_READER],
  ['GET', '/api/docs/static/swagger-initializer.js', PEOPLE_OR_READER],
  ['GET', '/api/docs/static/logo.svg', PEOPLE_OR_READER],
  // Known by a cookie of its own, that no other route looks at, and by a signature.
  ['GET', '/api/v1/shared-board', []],
  ['GET', '/api/v1/shared-board/live', []],
  ['POST', '/api/v1/feeds/any', []],
]

/** Open to everybody: nothing in them is a figure. What the built page consists of is open, too. */
export const OPEN: readonly string[] = [
  'GET /healthz',
  'GET /readyz',
  'GET /problems',
  'GET /problems/:slug',
  'POST /api/v1/sign-in',
  'POST /api/v1/shared-board',
]

/** Every route of a built app, as `METHOD /path/:parameter`, read from the router's own drawing of its tree. */
export function routesOf(drawing: string): readonly string[] {
  const parents: string[] = []
  return drawing.split('\n').flatMap((line) => {
    const drawn = /^([│ ]*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line)
    if (drawn === null) return []
    const [, indent = '', segment = '', methods = ''] = drawn
    const depth = indent.length / 4
    const path = `${parents.slice(0, depth).join('')}${segment}`.replace(/^\/\//, '/')
    parents.length = depth
    // The root is drawn as what it is, and as the beginning of every other path.
    parents.push(segment)
    return methods === '' ? [] : methods.split(', ').map((method) => `${method} ${path}`)
  })
}

/** Whether the address is one of the route. */
export function isOfRoute(address: string, path: string): boolean {
  const pattern = path.replaceAll(/:[^/]+/g, '[^/?]+').replaceAll('*', '.*')
  return new RegExp(`^${pattern}(\\?|$)`).test(address)
}
