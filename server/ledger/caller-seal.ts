/**
 * The caller's number at rest: AES-256-GCM under the first key; every key opens what it has sealed, so keys rotate by
 * putting a new one in front. Hashes use the last key: they stay comparable until that one is taken away.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hash, randomBytes } from 'node:crypto'

export interface CallerSeal {
  seal(callerNumber: string): Buffer
  /** Null when no key opens it. */
  open(sealed: Uint8Array): string | null
  /** Tells two callers apart, without telling who they are. */
  hash(callerNumber: string): string
  /** Of what an event says, as a whole number below 2^52. */
  bodyHash(text: string): number
  /** How everything starts that the newest key has sealed, in hexadecimal digits. */
  readonly prefix: string
}

const SEALED = 1
const KEY_BYTES = 32
const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES
const LAST_DIGITS = 2

export function createCallerSeal(keys: readonly Uint8Array[]): CallerSeal {
  const [first] = keys
  const last = keys.at(-1)
  if (first === undefined || last === undefined || keys.some((key) => key.length !== KEY_BYTES))
    throw new Error(`a caller key has ${KEY_BYTES} bytes`)
  const byId = new Map(keys.map((key) => [keyId(key).toString('hex'), key]))
  const firstId = keyId(first)
  const callerHashKey = createHmac('sha256', last).update('caller hash').digest()
  const bodyHashKey = createHmac('sha256', last).update('body hash').digest('hex')
  return {
    seal(callerNumber) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', first, nonce)
      const text = Buffer.concat([cipher.update(callerNumber, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.from([SEALED]), firstId, nonce, text, cipher.getAuthTag()])
    },
    open(sealed) {
      const bytes = Buffer.from(sealed)
      if (bytes[0] === 0) return bytes.subarray(1).toString('utf8')
      const key = byId.get(bytes.subarray(1, 1 + KEY_ID_BYTES).toString('hex'))
      if (bytes[0] !== SEALED || key === undefined || bytes.length < HEAD_BYTES + TAG_BYTES) return null
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1 + KEY_ID_BYTES, HEAD_BYTES))
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        const text = decipher.update(bytes.subarray(HEAD_BYTES, -TAG_BYTES))
        return Buffer.concat([text, decipher.final()]).toString('utf8')
      } catch {
        return null
      }
    },
    hash: (callerNumber) =>
      createHmac('sha256', callerHashKey).update(callerNumber).digest('hex').slice(0, KEY_BYTES),
    // Once for each event: the key in front is enough for a hash of which so little is kept, at a third of an HMAC's time.
    bodyHash: (text) => Number.parseInt(hash('sha256', bodyHashKey + text, 'hex').slice(0, 13), 16),
    prefix: Buffer.concat([Buffer.from([SEALED]), firstId]).toString('hex'),
  }
}

/** A seal that nobody else can open, for stores that outlive no process. */
export function ephemeralCallerSeal(): CallerSeal {
  return createCallerSeal([randomBytes(KEY_BYTES)])
}

/** Of a very short number nothing is kept. */
export function lastDigits(callerNumber: string): string | null {
  return callerNumber.length > 2 * LAST_DIGITS ? callerNumber.slice(-LAST_DIGITS) : null
}

function keyId(key: Uint8Array): Buffer {
  return createHash('sha256').update('key id').update(key).digest().subarray(0, KEY_ID_BYTES)
}
