/** A request as a signature covers it: its headers, its public address and the bytes of its body. */
import type { FastifyRequest } from 'fastify'

export interface FeedRequest {
  readonly header: (name: string) => string | undefined
  /** Path and query as they came, with the public scheme and host. */
  readonly publicUrl: string
  readonly contentType: string
  readonly body: Buffer
}

export function toFeedRequest(request: FastifyRequest): FeedRequest {
  return {
    header(name) {
      const value = request.headers[name]
      return Array.isArray(value) ? value[0] : value
    },
    publicUrl: `${request.protocol}://${request.host}${request.originalUrl}`,
    contentType: request.headers['content-type'] ?? '',
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  }
}
