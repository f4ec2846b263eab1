/**
 * Standard Webhooks signatures (github.com/standard-webhooks/standard-webhooks, spec 1.0): HMAC-SHA256 over id, time and raw
 * body. Several secrets and several signatures at once, so that a key can be rotated without losing a message. A replay
 * within the tolerance passes here and is a duplicate by the ids of its events; a later one is refused.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

const TOLERANCE_SECONDS = 300
/** Secrets in use at once: the old and the new one, with room. */
const SECRETS_MAX = 8
/** Signatures of one header that are looked at: each costs a comparison for each secret. */
const SIGNATURES_MAX = 16
const HEADER_LENGTH_MAX = 4_096
/** The specification asks for 24 to 64 bytes. */
const SECRET_BYTES_MIN = 24
const SECRET_BYTES_MAX = 64

export interface SignedMessage {
  readonly id: string | undefined
  readonly timestamp: string | undefined
  readonly signature: string | undefined
  readonly body: Uint8Array
}

export interface WebhookCheck {
  readonly secrets: readonly Uint8Array[]
  readonly nowMs: number
  readonly toleranceSeconds?: number
}

/** The reason is for the log and the counts, never for the sender. */
export type WebhookVerdict =
  | { readonly ok: true; readonly id: string; readonly sentAtMs: number }
  | {
      readonly ok: false
      readonly reason: 'missing-headers' | 'bad-timestamp' | 'too-old' | 'too-new' | 'bad-signature'
    }

/** `whsec_` + base64, as the sender shows it; null when it is none. */
export function parseWebhookSecret(text: string): Uint8Array | null {
  const encoded = text.trim().replace(/^whsec_/, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return null
  const key = Buffer.from(encoded, 'base64')
  return key.length >= SECRET_BYTES_MIN && key.length <= SECRET_BYTES_MAX ? key : null
}

export function verifyStandardWebhook(message: SignedMessage, check: WebhookCheck): WebhookVerdict {
  const { id, timestamp, signature, body } = message
  if (!isUsable(id) || !isUsable(timestamp) || !isUsable(signature)) return refuse('missing-headers')
  if (!/^\d{1,12}$/.test(timestamp)) return refuse('bad-timestamp')
  const sentAtMs = Number(timestamp) * 1000
  const toleranceMs = (check.toleranceSeconds ?? TOLERANCE_SECONDS) * 1000
  if (sentAtMs < check.nowMs - toleranceMs) return refuse('too-old')
  if (sentAtMs > check.nowMs + toleranceMs) return refuse('too-new')
  const given = signature
    .split(' ')
    .slice(0, SIGNATURES_MAX)
    .filter((part) => part.startsWith('v1,'))
    .map((part) => Buffer.from(part.slice(3), 'base64'))
  let matches = false
  for (const secret of check.secrets.slice(0, SECRETS_MAX)) {
    const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest()
    // All are compared, whichever fits: the time tells nothing of which key or byte was right.
    for (const one of given) {
      const equal = one.length === expected.length && timingSafeEqual(one, expected)
      matches = equal || matches
    }
  }
  return matches ? { ok: true, id, sentAtMs } : refuse('bad-signature')
}

function isUsable(header: string | undefined): header is string {
  return header !== undefined && header !== '' && header.length <= HEADER_LENGTH_MAX
}

function refuse(reason: Extract<WebhookVerdict, { ok: false }>['reason']): WebhookVerdict {
  return { ok: false, reason }
}
