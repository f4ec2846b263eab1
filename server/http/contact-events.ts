/** The events of one contact as a person may read them: as received, but without the source's raw lines and with the caller masked. */
import type { EventData, LedgerEvent } from '../domain/event.ts'
import type { ContactEventBody } from '../wire/api.ts'

const SHOWN_DIGITS = 2
const MASK = '•'

/** Enough to tell two calls apart, too little to call: `••••••••42`. Of a very short number nothing is shown. */
export function maskCaller(callerNumber: string): string {
  const kept = callerNumber.length > 2 * SHOWN_DIGITS ? callerNumber.slice(-SHOWN_DIGITS) : ''
  return MASK.repeat(Math.min(12, callerNumber.length - kept.length)) + kept
}

export function contactEventBody(event: LedgerEvent): ContactEventBody {
  const { id, source, type, occurredAtMs, receivedAtMs, timeAssumed } = event
  return {
    id,
    source,
    type,
    occurredAtMs,
    receivedAtMs,
    timeAssumed: timeAssumed ?? false,
    data: readableData(event.data),
  }
}

function readableData({ raw: _, callerNumber, ...data }: EventData): ContactEventBody['data'] {
  return callerNumber === undefined ? data : { ...data, callerNumber: maskCaller(callerNumber) }
}
