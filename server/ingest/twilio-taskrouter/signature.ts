/**
 * X-Twilio-Signature: HMAC-SHA1 of the public address and the sorted form fields; of a JSON body the address carries the
 * hash. Behind proxies the port in the address is a matter of opinion, so it is tried with and without.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** The old and the new token while it is rotated. */
const TOKENS_MAX = 4

export interface TwilioRequest {
  readonly signature: string | undefined
  /** As Twilio calls it: https, public host, path and query. */
  readonly publicUrl: string
  readonly contentType: string
  readonly body: Uint8Array
}

export function verifyTwilioSignature(request: TwilioRequest, authTokens: readonly string[]): boolean {
  const { signature, publicUrl, contentType, body } = request
  if (signature === undefined || signature.length > 200 || !URL.canParse(publicUrl)) return false
  const isForm = contentType.toLowerCase().startsWith('application/x-www-form-urlencoded')
  const fields = isForm ? signedFields(body) : ''
  if (!isForm && !bodyFits(publicUrl, body)) return false
  const given = Buffer.from(signature, 'base64')
  let matches = false
  for (const token of authTokens.slice(0, TOKENS_MAX)) {
    if (token === '') continue
    for (const url of addressesOf(publicUrl)) {
      const expected = createHmac('sha1', token).update(`${url}${fields}`).digest()
      const equal = given.length === expected.length && timingSafeEqual(given, expected)
      matches = equal || matches
    }
  }
  return matches
}

/** Names in order, each followed by its value; equal pairs once. */
function signedFields(body: Uint8Array): string {
  const values = new Map<string, Set<string>>()
  for (const [name, value] of new URLSearchParams(Buffer.from(body).toString('utf8'))) {
    const known = values.get(name)
    if (known === undefined) values.set(name, new Set([value]))
    else known.add(value)
  }
  return [...values.keys()]
    .sort()
    .map((name) =>
      [...(values.get(name) ?? [])]
        .sort()
        .map((value) => `${name}${value}`)
        .join(''),
    )
    .join('')
}

function bodyFits(publicUrl: string, body: Uint8Array): boolean {
  const claimed = new URL(publicUrl).searchParams.get('bodySHA256')
  if (claimed === null) return false
  const actual = createHash('sha256').update(body).digest()
  const given = Buffer.from(claimed, 'hex')
  return given.length === actual.length && timingSafeEqual(given, actual)
}

/** The text of the address is signed, so it is changed as text: a parsed and printed one may differ. */
function addressesOf(publicUrl: string): readonly string[] {
  const match = /^(https?):\/\/([^/?#]*)(.*)$/i.exec(publicUrl)
  if (match === null) return [publicUrl]
  const [, scheme = '', host = '', rest = ''] = match
  const bare = host.replace(/:\d+$/, '')
  const port = /:(\d+)$/.exec(host)?.[1] ?? (scheme.toLowerCase() === 'https' ? '443' : '80')
  return [`${scheme}://${bare}${rest}`, `${scheme}://${bare}:${port}${rest}`]
}
