/** Secrets for links, sessions and tokens: 256 random bits, shown once, stored as SHA-256 only. */
import { createHash, randomBytes } from 'node:crypto'

const SECRET_BYTES = 32

export function newSecret(prefix = ''): string {
  return prefix + randomBytes(SECRET_BYTES).toString('base64url')
}

/** A plain hash is enough: the secret has 256 bits of its own, so there is nothing to guess from. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

export function newId(): string {
  return randomBytes(9).toString('base64url')
}
