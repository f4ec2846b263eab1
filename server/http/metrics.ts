/** Counters of one server for Prometheus. No label names a queue, a person or a client. */
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface MetricsPorts {
  readonly viewerCount: () => number
  readonly framesSent: () => number
  readonly framesSkipped: () => number
  readonly pendingEvents: () => number
  /** Requests of which nothing was taken, by reason. */
  readonly refusedRequests: () => Readonly<Record<string, number>>
}

export interface Metrics {
  readonly eventsAccepted: { inc(count: number): void }
  readonly text: () => Promise<{ readonly contentType: string; readonly text: string }>
}

/** A registry of its own, so that two servers in one process (tests) do not meet. */
export function createMetrics(app: FastifyInstance, ports: MetricsPorts): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'vigie_' })
  const registers = [registry]
  const requests = new Histogram({
    name: 'vigie_http_request_duration_seconds',
    help: 'Time from request to answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown'
    requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
  const eventsAccepted = new Counter({
    name: 'vigie_events_accepted_total',
    help: 'Events stored in the ledger',
    registers,
  })
  gauge('vigie_live_viewers', 'Open live sockets', ports.viewerCount)
  gauge('vigie_live_frames_sent', 'Frames sent to viewers', ports.framesSent)
  gauge('vigie_live_frames_skipped', 'Frames left out for slow viewers', ports.framesSkipped)
  new Gauge({
    name: 'vigie_ingest_requests_refused_total',
    help: 'Requests of which nothing was taken: too much of one sender waits (flood), of all (busy), database away',
    labelNames: ['reason'],
    registers,
    collect() {
      for (const [reason, count] of Object.entries(ports.refusedRequests())) this.set({ reason }, count)
    },
  })
  gauge('vigie_ingest_pending_events', 'Events that wait for their commit', ports.pendingEvents)

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }
  return {
    eventsAccepted,
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
