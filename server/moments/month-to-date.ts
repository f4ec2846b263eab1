/** The month beside the day, contract by contract: numerators and denominators of the closed days and of today, added. */
import type { DayClose, DayCloseStore } from '../contracts/day-close-store.ts'
import { type ServiceLevelCounts, serviceLevelFraction } from '../domain/service-level.ts'
import type { SiteDay } from '../domain/site-calendar.ts'
import { type Promised, promisedFor, type SettingsView } from '../state/settings-view.ts'
import type { MonthToDateBody } from '../wire/moment.ts'

export interface MonthOptions {
  readonly dayCloses: Pick<DayCloseStore, 'dayCloses'>
  readonly settings: SettingsView
  /** Undefined where the day has nothing of the queue. */
  readonly dayCounts: (queueId: string, day: SiteDay) => ServiceLevelCounts | undefined
}

interface Contract {
  readonly clientId: string
  readonly clientName: string
  readonly promised: Promised
  readonly queueIds: string[]
}

/** A closed day counts by the formula and threshold it was closed under: a change never rewrites a past figure. */
export async function monthToDate(
  options: MonthOptions,
  today: SiteDay,
  clientId: string | null,
): Promise<readonly MonthToDateBody[]> {
  return monthRows(options, await closedMonth(options, today), clientId)
}

export interface ClosedMonth {
  readonly today: SiteDay
  readonly fromDay: SiteDay
  /** Newest close of each day of the month before today. */
  readonly newest: ReadonlyMap<SiteDay, DayClose>
}

export async function closedMonth(
  { dayCloses }: Pick<MonthOptions, 'dayCloses'>,
  today: SiteDay,
): Promise<ClosedMonth> {
  const fromDay = monthStart(today)
  const closes = today > fromDay ? await dayCloses.dayCloses(fromDay, dayBefore(today)) : []
  return { today, fromDay, newest: new Map(closes.map((close) => [close.day, close])) }
}

export function monthStart(day: SiteDay): SiteDay {
  return `${day.slice(0, 8)}01`
}

export function monthRows(
  { settings, dayCounts }: Omit<MonthOptions, 'dayCloses'>,
  { today, fromDay, newest }: ClosedMonth,
  clientId: string | null,
): readonly MonthToDateBody[] {
  return contractsOf(settings, today, clientId).map((contract) => {
    const { promised, queueIds } = contract
    const now = { numerator: 0, denominator: 0 }
    for (const queueId of queueIds) {
      const counts = dayCounts(queueId, today)
      if (counts === undefined) continue
      const part = serviceLevelFraction(promised.formula, counts)
      now.numerator += part.numerator
      now.denominator += part.denominator
    }
    const month = { ...now }
    let closedDays = 0
    for (const { day, report } of newest.values()) {
      const lines = report.queues.filter(({ queue, offered }) => queueIds.includes(queue) && offered > 0)
      if (lines.length > 0) closedDays += 1
      for (const line of lines) {
        const then = serviceLevelFraction(promisedFor(settings, line.queue, day).formula, line)
        month.numerator += then.numerator
        month.denominator += then.denominator
      }
    }
    return {
      clientId: contract.clientId,
      clientName: contract.clientName,
      queueIds,
      formula: promised.formula,
      targetRatio: promised.targetRatio,
      answerThresholdSeconds: promised.answerThresholdSeconds,
      today: now,
      month,
      closedDays,
      fromDay,
    }
  })
}

/** Queues of one client under the same promise are one contract, as in the day report. */
function contractsOf(settings: SettingsView, day: SiteDay, clientId: string | null): readonly Contract[] {
  const contracts = new Map<string, Contract>()
  for (const client of settings.clients()) {
    if (clientId !== null && client.clientId !== clientId) continue
    for (const queueId of settings.queueIds()) {
      if (settings.queue(queueId).clientId !== client.clientId) continue
      const promised = promisedFor(settings, queueId, day)
      const { formula, targetRatio, answerThresholdSeconds, shortAbandonSeconds } = promised
      const key = JSON.stringify([
        client.clientId,
        formula,
        targetRatio,
        answerThresholdSeconds,
        shortAbandonSeconds,
      ])
      const known = contracts.get(key)
      if (known === undefined)
        contracts.set(key, {
          clientId: client.clientId,
          clientName: client.name,
          promised,
          queueIds: [queueId],
        })
      else known.queueIds.push(queueId)
    }
  }
  return [...contracts.values()]
}

function dayBefore(day: SiteDay): SiteDay {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}
