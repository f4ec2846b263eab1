/** Requests to the server's HTTP API. An answer is a value, or a Problem that says in words what happened. */
import type { ProblemBody } from '../../../server/wire/api.ts'

/** RFC 9457 answer, or `network` when the server was not reached. */
export class ApiProblem extends Error {
  readonly status: number
  readonly body: ProblemBody

  constructor(body: ProblemBody) {
    super(body.detail ?? body.title)
    this.status = body.status
    this.body = body
  }

  /** Last part of the problem's type: `plan-changed`. */
  get slug(): string {
    return this.body.type.split('/').at(-1) ?? ''
  }
}

type UnauthorizedListener = () => void
let unauthorized: UnauthorizedListener = () => undefined

/** Called when the server no longer knows the session, whatever was asked. */
export function onUnauthorized(listener: UnauthorizedListener): void {
  unauthorized = listener
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export async function request<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (method !== 'GET') headers['x-vigie-csrf'] = '1'
  // A file goes as it is; everything else as JSON.
  const file = body instanceof Blob
  if (body !== undefined) headers['content-type'] = file ? body.type : 'application/json'
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers,
    credentials: 'same-origin',
    cache: 'no-store',
    ...(body === undefined ? {} : { body: file ? body : JSON.stringify(body) }),
  }).catch(() => null)
  if (response === null) throw new ApiProblem({ type: 'network', title: 'network', status: 0 })
  if (response.status === 401 && path !== '/sign-in') unauthorized()
  if (!response.ok) throw new ApiProblem(await readProblem(response))
  if (response.status === 204) return undefined as T
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

async function readProblem(response: Response): Promise<ProblemBody> {
  const fallback: ProblemBody = {
    type: 'about:blank',
    title: response.statusText || `HTTP ${response.status}`,
    status: response.status,
  }
  const text = await response.text().catch(() => '')
  try {
    return { ...fallback, ...(JSON.parse(text) as Partial<ProblemBody>), status: response.status }
  } catch {
    return fallback
  }
}
