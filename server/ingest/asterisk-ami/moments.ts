/** What of a manager's event can be told without knowing any other: when it was, what names it, and whether it means anything. */
import { createHash } from 'node:crypto'
import type { EventData } from '../../domain/event.ts'
import type { AmiBlock } from './blocks.ts'

export interface Moment {
  readonly atMs: number
  /** Of the source itself, where it stamps or numbers its events; null = made from when and in which order we heard it. */
  readonly identity: string | null
}

/** Understood and of no meaning for any figure. */
export const WITHOUT_MEANING = new Set(
  [
    'FullyBooted Shutdown Reload QueueMemberPenalty QueueMemberRinginuse QueueMemberRingInUse QueueSummary QueueSummaryComplete',
    'SuccessfulAuth ChallengeSent Newchannel Newexten NewCallerid NewConnectedLine NewAccountCode Newstate VarSet Hangup',
    'HangupRequest SoftHangupRequest DialBegin DialEnd DialState BridgeCreate BridgeDestroy BridgeEnter BridgeLeave BridgeMerge',
    'LocalBridge LocalOptimizationBegin LocalOptimizationEnd DeviceStateChange ExtensionStatus PeerStatus ContactStatus',
    'RTCPSent RTCPReceived MixMonitorStart MixMonitorStop BlindTransfer AgentsComplete Agents Cdr CEL UserEvent',
    'Hold Unhold AgentCalledComplete ChannelUpdate Registry',
  ].flatMap((names) => names.split(' ')),
)

/** `timestampevents=yes` in manager.conf gives the source's own time; without it the time is that of our hearing. */
export function momentOf(block: AmiBlock, receivedAtMs: number): Moment {
  const seconds = block.number('Timestamp')
  const isStamped = seconds !== undefined && seconds > 0
  const identified = isStamped || block.get('SequenceNumber') !== undefined
  return {
    atMs: isStamped ? Math.round(seconds * 1000) : receivedAtMs,
    identity: identified ? block.identityText() : null,
  }
}

export function hashed(identity: string): string {
  return createHash('sha256').update(identity).digest('hex').slice(0, 32)
}

export function compact(
  data: { readonly [field in keyof EventData]: EventData[field] | undefined },
): EventData {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)) as EventData
}
