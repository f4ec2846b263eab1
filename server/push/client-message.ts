/** What a viewer may send: `resume` and `ping`, nothing else. Undefined = a breach of the protocol. */
import type { ClientMessage } from '../wire/board.ts'

export const CLIENT_MESSAGE_BYTES_MAX = 1_024

export function parseClientMessage(text: string): ClientMessage | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined
  if (value.type === 'resume' && 'seq' in value && isCount(value.seq))
    return { type: 'resume', seq: value.seq }
  if (value.type === 'ping' && 'sentAt' in value && typeof value.sentAt === 'number')
    return { type: 'ping', sentAt: value.sentAt }
  return undefined
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
