/** Looks after the ledger: pages for late events, partitions ahead, and what goes when its days are over, in short steps. */
import { RETENTION_DAYS, type SiteSetting } from './domain/settings.ts'
import type { LedgerStore, RetentionLimits, RetentionStep } from './ledger/ledger.ts'

const DAY_MS = 86_400_000
const PAUSE_MS = 60_000
/** Between two steps others get their turn. */
const STEP_PAUSE_MS = 50
const STEPS_PER_RUN_MAX = 2_000

export interface HousekeepingOptions {
  readonly ledger: Pick<LedgerStore, 'forget' | 'pageTail' | 'prepareDays' | 'sealCallers'>
  readonly site: () => SiteSetting
  readonly nowMs: () => number
  readonly log: (line: string) => void
  readonly onError: (message: string, error: unknown) => void
}

export interface HousekeepingCounts {
  readonly eventDays: number
  readonly rawDays: number
  readonly callerDays: number
  readonly keys: number
  readonly pages: number
  readonly deadLetters: number
}

export class LedgerHousekeeping {
  readonly #options: HousekeepingOptions
  #timer: ReturnType<typeof setInterval> | undefined
  #running: Promise<void> | undefined
  #stopped = false

  constructor(options: HousekeepingOptions) {
    this.#options = options
  }

  start(): void {
    const again = () => {
      this.#running ??= this.run()
        .catch((error: unknown) => this.#options.onError('the ledger could not be looked after', error))
        .finally(() => {
          this.#running = undefined
        })
    }
    this.#timer = setInterval(again, PAUSE_MS)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#running
  }

  async run(): Promise<void> {
    const { ledger, nowMs } = this.#options
    await ledger.prepareDays([nowMs(), nowMs() + DAY_MS])
    while (!this.#stopped && (await ledger.sealCallers()) > 0) await pause()
    while (!this.#stopped && (await ledger.pageTail()) > 0) await pause()
    this.#say(await this.#forget())
  }

  async #forget(): Promise<HousekeepingCounts> {
    const { ledger, site, nowMs } = this.#options
    const limits = retentionLimits(site(), nowMs())
    const total = { eventDays: 0, rawDays: 0, callerDays: 0, keys: 0, pages: 0, deadLetters: 0 }
    for (let steps = 0; steps < STEPS_PER_RUN_MAX && !this.#stopped; steps += 1) {
      const step: RetentionStep = await ledger.forget(limits)
      total.eventDays += step.eventDaysMs.length
      total.rawDays += step.rawDaysMs.length
      total.callerDays += step.callerDaysMs.length
      total.keys += step.keys
      total.pages += step.pages
      total.deadLetters += step.deadLetters
      if (!step.more) break
      await pause()
    }
    return total
  }

  #say(counts: HousekeepingCounts): void {
    const parts = Object.entries(counts).filter(([, count]) => count > 0)
    if (parts.length === 0) return
    this.#options.log(
      `vigie: let go after its days: ${parts.map(([name, count]) => `${name} ${count}`).join(', ')}`,
    )
  }
}

export function retentionLimits(site: SiteSetting, nowMs: number): RetentionLimits {
  const before = (name: keyof typeof RETENTION_DAYS) => nowMs - (site[name] ?? RETENTION_DAYS[name]) * DAY_MS
  return {
    eventsBeforeMs: before('eventDaysKept'),
    rawBeforeMs: before('rawDaysKept'),
    callersBeforeMs: before('callerDaysKept'),
    deadLettersBeforeMs: before('deadLetterDaysKept'),
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, STEP_PAUSE_MS))
}
