/** What would help, in words. */
import type { AheadQueueBody, HelpBody } from '../../../server/wire/ahead.ts'
import { formatChance, formatMoney, formatRatio } from '../format/number.ts'
import { formatClock } from '../format/time.ts'
import { session } from '../session/session.svelte.ts'

export function helpText(help: HelpBody, nameOf: (queueId: string) => string, zone: string): string {
  return session.t(`ahead.${help.kind}`, {
    count: help.agents,
    from: formatClock(session.locale, help.fromMs, zone, false),
    to: formatClock(session.locale, help.toMs, zone, false),
    queue: help.fromQueueId === null ? '' : nameOf(help.fromQueueId),
  })
}

export function helpCost(help: HelpBody, currency: string): string {
  return help.cost === 0 ? session.t('ahead.freeOfCharge') : formatMoney(session.locale, help.cost, currency)
}

/** What the giver pays: its own chance before and after. */
export function giverText(help: HelpBody, nameOf: (queueId: string) => string): string {
  if (help.fromQueueId === null) return ''
  return session.t('ahead.gives', {
    queue: nameOf(help.fromQueueId),
    before: formatChance(session.locale, help.fromQueueChanceBefore),
    after: formatChance(session.locale, help.fromQueueChanceAfter),
  })
}

/** The budget of misses: how many more may be missed, or since when none of it is left. */
export function budgetText(queue: AheadQueueBody, zone: string): string {
  if (queue.lost)
    return queue.lostSinceMs === null
      ? session.t('ahead.lost')
      : session.t('ahead.lostSince', { time: formatClock(session.locale, queue.lostSinceMs, zone, false) })
  if (queue.missesLeft === null) return ''
  return queue.missesLeft >= 0
    ? session.t('ahead.missesLeft', { count: queue.missesLeft })
    : session.t('ahead.overdrawn', { count: -queue.missesLeft })
}

export function summaryText(queue: AheadQueueBody): string {
  return session.t('ahead.summary', {
    ratio: formatRatio(session.locale, queue.ratio),
    chance: formatChance(session.locale, queue.chance),
  })
}

/** A day this likely to be kept needs no help. */
const LIKELY = 0.8

/** Queues whose day is in doubt, the unlikeliest first; lost ones last, where nothing can be done any more. */
export function inDoubt(rows: readonly AheadQueueBody[]): readonly AheadQueueBody[] {
  return rows
    .filter(({ chance }) => chance !== null && chance < LIKELY)
    .sort(
      (a, b) =>
        Number(a.help.length === 0) - Number(b.help.length === 0) || (a.chance ?? 1) - (b.chance ?? 1),
    )
}
