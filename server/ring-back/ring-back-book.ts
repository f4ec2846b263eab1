/** Callers who gave up: the list with masked numbers, who was rung back, and whole numbers for who may see them. */
import type { LedgerEvent } from '../domain/event.ts'
import type { Viewer } from '../domain/role.ts'
import type { CallerTrace } from '../ledger/ledger.ts'
import {
  type AbandonedCaller,
  CALLERS_MAX,
  NUMBER_VIEWS_MAX,
  NUMBERS_PER_HOUR_MAX,
  type NumberRightsBody,
  type RingBackBody,
  type ShownNumbersBody,
  type StoredRingBack,
} from '../wire/ring-back.ts'
import type { RingBackStore, RingBackVersion } from './ring-back-store.ts'

/** A contact's stay in the queue, as a list shows it. */
export interface RingBackCall {
  readonly contactId: string
  readonly arrivedAtMs: number
  readonly outcome: string
  readonly waitSeconds: number | null
}

export interface RingBackSpan {
  readonly queueId: string
  readonly fromMs: number
  readonly toMs: number
}

export interface RingBackOptions {
  readonly store: RingBackStore
  /** By arrival. */
  readonly calls: (span: RingBackSpan) => Promise<readonly RingBackCall[]>
  readonly callers: (
    contactIds: readonly string[],
    receivedFromMs: number,
  ) => Promise<ReadonlyMap<string, CallerTrace>>
  /** With all that is still kept of the contact. */
  readonly contactEvents: (contactId: string) => Promise<readonly LedgerEvent[]>
  readonly callerDaysKept: () => number
  readonly nowMs: () => number
  /** Of a person's hour: never scaled. */
  readonly realNowMs: () => number
  /** Told how many numbers whom was shown, never which. */
  readonly onShown: (name: string, count: number) => void
}

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Who rings again does so soon; later calls of a caller are not looked for. */
const AGAIN_MS = DAY_MS
/** So many later calls of the queue are looked through for callers who got through. */
const LATER_CALLS_MAX = 3_000
const MASK = '••••••••'

type Person = Extract<Viewer, { readonly kind: 'user' }>

export class RingBackBook {
  readonly #options: RingBackOptions
  /** One view at a time: two at once must not pass the bound together. */
  #showing: Promise<unknown> = Promise.resolve()

  constructor(options: RingBackOptions) {
    this.#options = options
  }

  async mayReadNumbers(viewer: Viewer): Promise<boolean> {
    if (viewer.kind !== 'user') return false
    if (viewer.role === 'administrator' || viewer.role === 'director') return true
    if (viewer.role !== 'supervisor') return false
    const rights = await this.#options.store.numberRights()
    return rights.some(({ userId, allowed }) => userId === viewer.userId && allowed)
  }

  async list(span: RingBackSpan, viewer: Viewer): Promise<RingBackBody> {
    const { nowMs, callerDaysKept } = this.#options
    const endMs = Math.max(span.toMs, Math.min(nowMs(), span.fromMs + AGAIN_MS))
    const calls = await this.#options.calls({ ...span, toMs: endMs })
    const all = calls.filter(({ outcome, arrivedAtMs }) => outcome === 'abandoned' && arrivedAtMs < span.toMs)
    const abandoned = all.slice(0, CALLERS_MAX)
    const later = calls
      .filter(
        ({ outcome, arrivedAtMs }) =>
          outcome === 'answered' && arrivedAtMs > (abandoned[0]?.arrivedAtMs ?? 0),
      )
      .slice(0, abandoned.length === 0 ? 0 : LATER_CALLS_MAX)
    const ids = [...new Set([...abandoned, ...later].map(({ contactId }) => contactId))]
    const [traces, marks] = await Promise.all([
      // A source may be late or its clock ahead: a day is more than enough.
      this.#options.callers(ids, span.fromMs - DAY_MS),
      this.#options.store.ringBacks(abandoned.map(({ contactId }) => contactId)),
    ])
    return {
      mayReadNumbers: await this.mayReadNumbers(viewer),
      numberDaysKept: callerDaysKept(),
      callers: abandonedCallers(span.queueId, abandoned, later, traces, marks),
      leftOff: all.length - abandoned.length,
    }
  }

  /** Undefined: too many within the hour. Only of contacts that were abandoned. */
  async numbers(contactIds: readonly string[], person: Person): Promise<ShownNumbersBody | undefined> {
    const found: { contactId: string; callerNumber: string | null }[] = []
    for (const contactId of new Set(contactIds)) {
      const events = await this.#options.contactEvents(contactId)
      const isAbandoned = events.some(({ type }) => type === 'cc.contact.abandoned.v1')
      const caller = events.find(({ data }) => data.callerNumber !== undefined)?.data.callerNumber
      found.push({ contactId, callerNumber: isAbandoned ? (caller ?? null) : null })
    }
    const count = found.filter(({ callerNumber }) => callerNumber !== null).length
    if (count > 0 && !(await this.#record(person, count))) return undefined
    return { numbers: found }
  }

  /** Before anything is shown: a number that nobody recorded was never seen. */
  async #record(person: Person, count: number): Promise<boolean> {
    const { store, realNowMs, onShown } = this.#options
    const viewedAtMs = realNowMs()
    const recorded = this.#showing.then(() =>
      store.addNumberView(
        { viewedAtMs, userId: person.userId, userName: person.name, numbers: count },
        viewedAtMs - HOUR_MS,
        NUMBERS_PER_HOUR_MAX,
      ),
    )
    this.#showing = recorded.catch(() => undefined)
    const isAllowed = await recorded
    if (isAllowed) onShown(person.name, count)
    return isAllowed
  }

  /** `unknown`: no such contact was abandoned. `conflict`: somebody was faster. */
  async mark(
    contactId: string,
    change: { readonly version: number; readonly rung: boolean },
    by: string,
  ): Promise<StoredRingBack | 'unknown' | 'conflict'> {
    const events = await this.#options.contactEvents(contactId)
    if (!events.some(({ type }) => type === 'cc.contact.abandoned.v1')) return 'unknown'
    const stored: RingBackVersion = {
      contactId,
      version: change.version + 1,
      changedAtMs: this.#options.nowMs(),
      changedBy: by,
      rung: change.rung,
    }
    if (!(await this.#options.store.addRingBack(stored))) return 'conflict'
    return { contactId, version: stored.version, rung: change.rung, by, atMs: stored.changedAtMs }
  }

  async rights(): Promise<NumberRightsBody> {
    const { store } = this.#options
    const [rights, views] = await Promise.all([store.numberRights(), store.numberViews(NUMBER_VIEWS_MAX + 1)])
    return {
      userIds: rights.filter(({ allowed }) => allowed).map(({ userId }) => userId),
      hasOlderViews: views.length > NUMBER_VIEWS_MAX,
      views: views.slice(0, NUMBER_VIEWS_MAX).map(({ userName, viewedAtMs, numbers }) => ({
        name: userName,
        atMs: viewedAtMs,
        count: numbers,
      })),
    }
  }

  async allow(userId: string, allowed: boolean, by: string): Promise<void> {
    await this.#options.store.addNumberRight({
      userId,
      changedAtMs: this.#options.realNowMs(),
      changedBy: by,
      allowed,
    })
  }
}

function abandonedCallers(
  queueId: string,
  abandoned: readonly RingBackCall[],
  later: readonly RingBackCall[],
  traces: ReadonlyMap<string, CallerTrace>,
  marks: readonly RingBackVersion[],
): readonly AbandonedCaller[] {
  const own = new Map(marks.map((mark) => [mark.contactId, mark]))
  const hashOf = (contactId: string) => traces.get(contactId)?.hash ?? null
  const counts = new Map<string, number>()
  const answeredBy = new Map<string, number[]>()
  const rungBy = new Map<string, RingBackVersion[]>()
  for (const { contactId } of abandoned) {
    const hash = hashOf(contactId)
    if (hash === null) continue
    counts.set(hash, (counts.get(hash) ?? 0) + 1)
    const mark = own.get(contactId)
    if (mark?.rung) rungBy.set(hash, [...(rungBy.get(hash) ?? []), mark])
  }
  for (const { contactId, arrivedAtMs } of later) {
    const hash = hashOf(contactId)
    if (hash !== null) answeredBy.set(hash, [...(answeredBy.get(hash) ?? []), arrivedAtMs])
  }
  return abandoned.map(({ contactId, arrivedAtMs, waitSeconds }) => {
    const trace = traces.get(contactId)
    const hash = trace?.hash ?? null
    const mark = own.get(contactId)
    const abandonedAtMs = arrivedAtMs + (waitSeconds ?? 0) * 1000
    const other = (hash === null ? [] : (rungBy.get(hash) ?? [])).find(
      ({ contactId: whose, changedAtMs }) => whose !== contactId && changedAtMs >= abandonedAtMs,
    )
    const byOther =
      other === undefined
        ? null
        : { version: mark?.version ?? 0, by: other.changedBy, atMs: other.changedAtMs }
    return {
      contactId,
      queueId,
      arrivedAtMs,
      abandonedAtMs,
      waitSeconds,
      maskedNumber: trace?.lastDigits == null ? null : `${MASK}${trace.lastDigits}`,
      number: trace === undefined ? 'untold' : trace.callerNumber === null ? 'gone' : 'kept',
      abandonedCount: hash === null ? 1 : (counts.get(hash) ?? 1),
      answeredSinceMs:
        (hash === null ? [] : (answeredBy.get(hash) ?? [])).find((atMs) => atMs >= abandonedAtMs) ?? null,
      ringBack: mark?.rung ? { version: mark.version, by: mark.changedBy, atMs: mark.changedAtMs } : byOther,
    }
  })
}
