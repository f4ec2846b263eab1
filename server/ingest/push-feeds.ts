/** Feeds that push over HTTP, by adapter: how each is known by its signature, and what its bodies mean. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { newConnectMemory } from './amazon-connect/agent-events.ts'
import { mapConnectMessage } from './amazon-connect/mapper.ts'
import { isRecord, type MappedMessage } from './canonical-event.ts'
import { GenesysMapper } from './genesys-eventbridge/mapper.ts'
import type { IngestItem } from './ingest-service.ts'
import { parseWebhookSecret, verifyStandardWebhook } from './standard-webhooks/verify.ts'
import { TwilioMapper } from './twilio-taskrouter/mapper.ts'
import { verifyTwilioSignature } from './twilio-taskrouter/signature.ts'

export interface PushRequest {
  readonly header: (name: string) => string | undefined
  readonly publicUrl: string
  readonly contentType: string
  readonly body: Uint8Array
}

export interface PushFeedOptions {
  readonly adapter: string
  readonly name: string
  /** One, or several separated by blanks while a key is rotated. */
  readonly secret: string
  readonly nowMs: () => number
  /** Where a proxy hides it: the address as the sender calls it. */
  readonly publicUrl?: string | undefined
  /** `bearer` for senders that cannot sign, as EventBridge's own: it proves the sender, not the body nor the moment. */
  readonly authentication?: 'signature' | 'bearer' | undefined
}

interface MappedBody {
  readonly items: readonly IngestItem[]
  readonly unknownVerbs: readonly string[]
}

export interface PushFeedAdapter {
  readonly sender: string
  verify(request: PushRequest): boolean
  map(request: PushRequest): MappedBody
}

/** Undefined for an adapter that does not push. `http` takes CloudEvents of ours as they are. */
export function createPushFeed(options: PushFeedOptions): PushFeedAdapter | undefined {
  const sender = `/${options.adapter}/${options.name}`
  const secrets = options.secret.split(/\s+/).filter((secret) => secret !== '')
  const verify = (request: PushRequest) =>
    options.authentication === 'bearer'
      ? bearsSecret(request, secrets)
      : isSigned(request, secrets, options.nowMs())
  switch (options.adapter) {
    case 'twilio-taskrouter': {
      const mapper = new TwilioMapper({ source: sender })
      return {
        sender,
        verify: (request) =>
          verifyTwilioSignature(
            {
              ...request,
              publicUrl: withPublicHost(request.publicUrl, options.publicUrl),
              signature: request.header('x-twilio-signature'),
            },
            secrets,
          ),
        map: (request) =>
          request.contentType.toLowerCase().startsWith('application/json')
            ? mapJson(request.body, (value) => mapper.mapCloudEvent(value))
            : mapped([mapper.mapForm(text(request.body))], request.body),
      }
    }
    case 'amazon-connect': {
      const memory = newConnectMemory()
      return {
        sender,
        verify,
        map: (request) => mapJson(request.body, (value) => mapConnectMessage(value, sender, memory)),
      }
    }
    case 'genesys-eventbridge': {
      const mapper = new GenesysMapper(sender)
      return { sender, verify, map: (request) => mapJson(request.body, (value) => mapper.map(value)) }
    }
    case 'http':
      return {
        sender,
        verify,
        map: (request) => ({ items: parseJson(request.body), unknownVerbs: [] }),
      }
    default:
      return undefined
  }
}

function isSigned({ header, body }: PushRequest, secrets: readonly string[], nowMs: number): boolean {
  const keys = secrets.map(parseWebhookSecret).filter((key) => key !== null)
  const message = {
    id: header('webhook-id'),
    timestamp: header('webhook-timestamp'),
    signature: header('webhook-signature'),
    body,
  }
  return verifyStandardWebhook(message, { secrets: keys, nowMs }).ok
}

/** Digests are compared, all of them: neither the time nor a length tells anything of a secret. */
function bearsSecret({ header }: PushRequest, secrets: readonly string[]): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(header('authorization') ?? '')?.[1]
  if (given === undefined) return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  let matches = false
  for (const secret of secrets) matches = timingSafeEqual(digest(secret), digest(given)) || matches
  return matches
}

/** Scheme and host of the address that is set up, path and query of the one that was called. */
function withPublicHost(url: string, publicUrl: string | undefined): string {
  if (publicUrl === undefined) return url
  return publicUrl.replace(/\/+$/, '') + url.replace(/^https?:\/\/[^/]*/i, '')
}

function mapJson(body: Uint8Array, map: (value: unknown) => MappedMessage): MappedBody {
  const items: IngestItem[] = []
  const unknownVerbs: string[] = []
  for (const item of parseJson(body)) {
    if (!('value' in item)) items.push(item)
    else {
      const one = mapped([map(item.value)], Buffer.from(JSON.stringify(item.value)))
      items.push(...one.items)
      unknownVerbs.push(...one.unknownVerbs)
    }
  }
  return { items, unknownVerbs }
}

function mapped(messages: readonly MappedMessage[], body: Uint8Array): MappedBody {
  const items: IngestItem[] = []
  const unknownVerbs: string[] = []
  for (const { events, unknownVerb, rejected } of messages) {
    for (const value of events) items.push({ value })
    if (unknownVerb !== undefined) unknownVerbs.push(unknownVerb)
    if (rejected !== undefined) items.push({ unparsable: rejected, text: text(body).slice(0, 500) })
  }
  return { items, unknownVerbs }
}

/** One object, a list of them, or a list under `Records` (as delivery services batch). */
function parseJson(body: Uint8Array): IngestItem[] {
  try {
    const value: unknown = JSON.parse(text(body))
    const list = isRecord(value) && Array.isArray(value.Records) ? value.Records : value
    return Array.isArray(list) ? list.map((one: unknown) => ({ value: one })) : [{ value: list }]
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'unreadable'
    return [{ unparsable: `the body is not JSON: ${reason}`, text: text(body).slice(0, 500) }]
  }
}

function text(body: Uint8Array): string {
  return Buffer.from(body).toString('utf8')
}
