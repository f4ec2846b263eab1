/** Standard Webhooks signatures: the vector that the libraries of the specification publish, rotation, tolerance, forgery. */
import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseWebhookSecret,
  type SignedMessage,
  verifyStandardWebhook,
} from '../../../../server/ingest/standard-webhooks/verify.ts'

// The published example of the reference libraries (standard-webhooks/standard-webhooks, libraries/*, "sign" test).
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const MESSAGE: SignedMessage = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: '1614265330',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  body: Buffer.from('{"test": 2432232314}'),
}
const SENT_MS = 1_614_265_330_000

function key(text = SECRET): Uint8Array {
  const parsed = parseWebhookSecret(text)
  if (parsed === null) throw new Error('not a secret')
  return parsed
}

function check(message: SignedMessage, nowMs = SENT_MS, secrets: readonly Uint8Array[] = [key()]) {
  return verifyStandardWebhook(message, { secrets, nowMs })
}

describe('Standard Webhooks', () => {
  it('accepts the published vector', () => {
    expect(check(MESSAGE)).toEqual({ ok: true, id: MESSAGE.id, sentAtMs: SENT_MS })
  })

  it('accepts while a key is rotated, on either side', () => {
    const old = randomBytes(32)
    expect(check(MESSAGE, SENT_MS, [old, key()]).ok).toBe(true)
    const second = createHmac('sha256', old)
      .update(`${MESSAGE.id}.${MESSAGE.timestamp}.`)
      .update(MESSAGE.body)
      .digest('base64')
    const both = { ...MESSAGE, signature: `v1,${second} ${MESSAGE.signature} v1a,AAAA` }
    expect(check(both, SENT_MS, [old]).ok).toBe(true)
    expect(check(both).ok).toBe(true)
    expect(check({ ...MESSAGE, signature: `v1,${second}` })).toEqual({ ok: false, reason: 'bad-signature' })
  })

  it('takes five minutes either way and no more', () => {
    expect(check(MESSAGE, SENT_MS + 300_000).ok).toBe(true)
    expect(check(MESSAGE, SENT_MS - 300_000).ok).toBe(true)
    expect(check(MESSAGE, SENT_MS + 300_001)).toEqual({ ok: false, reason: 'too-old' })
    expect(check(MESSAGE, SENT_MS - 300_001)).toEqual({ ok: false, reason: 'too-new' })
  })

  it('signs id and time: neither can be changed to pass a replay as new', () => {
    expect(check({ ...MESSAGE, id: 'msg_other' }).ok).toBe(false)
    expect(check({ ...MESSAGE, timestamp: '1614265331' }).ok).toBe(false)
  })

  it('refuses what is missing, empty, huge or no signature', () => {
    for (const name of ['id', 'timestamp', 'signature'] as const) {
      expect(check({ ...MESSAGE, [name]: undefined }).ok).toBe(false)
      expect(check({ ...MESSAGE, [name]: '' }).ok).toBe(false)
      expect(check({ ...MESSAGE, [name]: 'x'.repeat(5_000) }).ok).toBe(false)
    }
    for (const timestamp of ['-1', '1614265330.5', 'NaN', '1e9', ' 1614265330'])
      expect(check({ ...MESSAGE, timestamp }).ok).toBe(false)
    for (const signature of [
      'v1,',
      'v1',
      'v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      ',,,',
      'v1,\u0000',
    ])
      expect(check({ ...MESSAGE, signature }).ok).toBe(false)
    expect(check(MESSAGE, SENT_MS, []).ok).toBe(false)
  })

  it('refuses any other body, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.string(), (body, signature) => {
        fc.pre(Buffer.compare(body, MESSAGE.body) !== 0)
        expect(check({ ...MESSAGE, body }).ok).toBe(false)
        expect(check({ ...MESSAGE, body, signature }).ok).toBe(false)
      }),
    )
  })

  it('reads secrets with and without the prefix and refuses weak ones', () => {
    expect(parseWebhookSecret('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toEqual(key())
    expect(parseWebhookSecret('whsec_c2hvcnQ=')).toBeNull()
    expect(parseWebhookSecret('whsec_not base64!')).toBeNull()
    expect(parseWebhookSecret('')).toBeNull()
  })
})
