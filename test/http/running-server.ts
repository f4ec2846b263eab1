/** A whole server on an embedded database in a folder of its own, with two clients, their queues, and somebody of every role. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../server/domain/clock.ts'
import type { UserRole } from '../../server/domain/role.ts'
import { ALWAYS_OPEN } from '../../server/domain/settings.ts'
import { type RunningServer, type ServerConfig, startServer } from '../../server/main.ts'

export const NOW_MS = Date.parse('2026-03-02T10:00:00Z')
export const DAY = '2026-03-02'
export const CLIENTS = ['acme', 'globex'] as const
export const QUEUES = { acme: 'orders', globex: 'billing' } as const

export interface TestServer extends RunningServer {
  readonly dataDir: string
  /** To start it again on what is stored. */
  readonly config: ServerConfig
  cookie(role: UserRole, clientId?: string): Promise<string>
  token(role: 'ingest' | 'read'): Promise<string>
  close(): Promise<void>
}

/** The time stands still, so that nothing changes but what the test does. */
export const frozenClock: Clock = { nowMs: () => NOW_MS, speed: 1 }

export async function startTestServer(
  more: Partial<Pick<ServerConfig, 'sourceSecret' | 'clock' | 'log'>> & {
    readonly databaseUrl?: string | undefined
  } = {},
): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vigie-http-'))
  const { databaseUrl, ...others } = more
  const config: ServerConfig = {
    host: '127.0.0.1',
    port: 0,
    location: { dataDir, databaseUrl },
    clock: frozenClock,
    trustProxy: false,
    migrate: true,
    version: '9.9.9',
    sourceSecret: () => undefined,
    log: () => undefined,
    signInsPerMinuteMax: 1_000,
    ...others,
  }
  const server = await startServer(config)
  const { settings, people } = server.data
  const set = async (kind: 'client' | 'queue' | 'promise', id: string, body: unknown) => {
    const outcome = await settings.put({ kind, id, baseVersion: 0, changedBy: 'test', body })
    if (outcome.kind !== 'stored') throw new Error(JSON.stringify(outcome))
  }
  for (const clientId of CLIENTS) {
    await set('client', clientId, { name: clientId.toUpperCase() })
    await set('queue', QUEUES[clientId], {
      name: QUEUES[clientId],
      clientId,
      zone: 'UTC',
      intervalMinutes: 30,
      openingHours: ALWAYS_OPEN,
      patienceSecondsMean: 180,
      unconfirmed: false,
    })
  }
  return {
    ...server,
    dataDir,
    config,
    async cookie(role, clientId) {
      const name = `${role} ${clientId ?? ''}`
      const { secret } = await people.createUser({ name, role, clientId: clientId ?? null })
      const session = await people.signIn(secret)
      return `vigie_session=${session?.secret ?? ''}`
    },
    async token(role) {
      return (await people.createToken({ name: `${role} token`, role })).secret
    },
    async close() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export function event(id: string, type: string, data: Record<string, unknown>, atMs = NOW_MS) {
  return { specversion: '1.0', id, source: '/test', type, time: new Date(atMs).toISOString(), data }
}

/** Calls of one queue: each is answered by `agent` after `waitSeconds`. */
export function answeredCall(queueId: string, contactId: string, agentId: string, waitSeconds: number) {
  const atMs = NOW_MS - 600_000
  return [
    event(`${contactId}-q`, 'cc.contact.queued.v1', { contactId, queueId }, atMs),
    event(
      `${contactId}-a`,
      'cc.contact.answered.v1',
      { contactId, queueId, agentId, waitSeconds },
      atMs + waitSeconds * 1_000,
    ),
    event(`${contactId}-e`, 'cc.contact.ended.v1', { contactId, agentId, talkSeconds: 60 }, atMs + 200_000),
  ]
}
