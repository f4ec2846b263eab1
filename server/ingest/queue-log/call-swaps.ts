/**
 * Call ids that change hands. When an agent transfers a call, with consultation, into another queue, Asterisk swaps the two
 * channels: the transfer row carries the id of the consultation, and what follows in the second queue the id of the first
 * call (asterisk issue 759). The rows are put back: a visit keeps the id with which it entered its queue, and both
 * ids are told to be one contact.
 */

import type { QueueLogRow } from './rows.ts'
import { callIdOf } from './verbs.ts'

/** Calls remembered at most: those whose end never came must not pile up. */
const CALLS_MAX = 50_000

interface WaitingCall {
  readonly queue: string
  readonly callerNumber: string
}

/** The caller's own contact, and the consultation that became part of it. */
export interface SameContact {
  readonly contactId: string
  readonly aliasId: string
}

interface TalkingCall {
  readonly queue: string
  readonly agent: string
}

export class CallSwaps {
  readonly #waiting = new Map<string, WaitingCall>()
  readonly #talking = new Map<string, TalkingCall>()
  /** queue|callid as written → the id with which the visit entered. */
  readonly #aliases = new Map<string, string>()
  #found: SameContact | null = null

  /** The id of the contact that the row is about (as written, nearly always), and the two that it shows to be one. */
  resolve(row: QueueLogRow): { readonly contactId: string | null; readonly same: SameContact | null } {
    if (row.verb === 'QUEUESTART') this.#clear()
    const written = callIdOf(row)
    if (written === null) return { contactId: null, same: null }
    this.#found = null
    const contactId = this.#resolve(row, written)
    this.#follow(row, contactId)
    return { contactId, same: this.#found }
  }

  #resolve(row: QueueLogRow, written: string): string {
    const alias = this.#aliases.get(`${row.queue}|${written}`)
    if (alias !== undefined) return alias
    if (row.verb === 'ATTENDEDTRANSFER') return this.#resolveTransfer(row, written)
    if (row.verb === 'CONNECT' && this.#waiting.get(written)?.queue !== row.queue) {
      return this.#resolveConnect(row, written)
    }
    return written
  }

  /** The transfer's row names the consultation, which waits in another queue, and the agent talks to somebody else. */
  #resolveTransfer(row: QueueLogRow, written: string): string {
    const waiting = this.#waiting.get(written)
    if (waiting === undefined || waiting.queue === row.queue) return written
    for (const [callId, talking] of this.#talking) {
      if (callId === written || talking.queue !== row.queue || talking.agent !== row.agent) continue
      this.#aliases.set(`${waiting.queue}|${callId}`, written)
      this.#found = { contactId: callId, aliasId: written }
      return callId
    }
    return written
  }

  /** The same where the transfer's row is missing, as in the table: the consultation's caller is the agent who talks to this call. */
  #resolveConnect(row: QueueLogRow, written: string): string {
    const talking = this.#talking.get(written)
    if (talking === undefined) return written
    const extension = /(?:^|\/)(\d+)/.exec(talking.agent)?.[1]
    if (extension === undefined) return written
    for (const [callId, waiting] of this.#waiting) {
      if (waiting.queue !== row.queue || waiting.callerNumber !== extension) continue
      this.#aliases.set(`${row.queue}|${written}`, callId)
      this.#found = { contactId: written, aliasId: callId }
      return callId
    }
    return written
  }

  #follow(row: QueueLogRow, contactId: string): void {
    switch (row.verb) {
      case 'ENTERQUEUE':
        this.#aliases.delete(`${row.queue}|${contactId}`)
        bounded(this.#waiting).set(contactId, { queue: row.queue, callerNumber: row.data[1] ?? '' })
        break
      case 'CONNECT':
        this.#waiting.delete(contactId)
        bounded(this.#talking).set(contactId, { queue: row.queue, agent: row.agent })
        break
      case 'ABANDON':
      case 'EXITWITHTIMEOUT':
      case 'EXITEMPTY':
      case 'EXITWITHKEY':
      case 'WITHDRAW':
      case 'SYSCOMPAT':
        this.#waiting.delete(contactId)
        break
      case 'COMPLETEAGENT':
      case 'COMPLETECALLER':
      case 'TRANSFER':
      case 'BLINDTRANSFER':
      case 'ATTENDEDTRANSFER':
        this.#talking.delete(contactId)
        break
    }
    bounded(this.#aliases)
  }

  #clear(): void {
    this.#waiting.clear()
    this.#talking.clear()
    this.#aliases.clear()
  }
}

/** The oldest goes when the map is full. */
function bounded<V>(map: Map<string, V>): Map<string, V> {
  if (map.size < CALLS_MAX) return map
  for (const oldest of map.keys()) {
    map.delete(oldest)
    break
  }
  return map
}
