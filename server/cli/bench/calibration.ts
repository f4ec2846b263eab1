/**
 * Whether the chance of keeping the promise is honest: simulated days in the simulator's own truth, forecast, planned,
 * learned from and looked ahead at as the server does, and the chances given beside how often the day was kept.
 * `npm run bench -- calibration`; --events N days instead of 200. Baseline: the chance by the day before alone (kept or not,
 * smoothed), scored on the same days.
 */
import { writeFile } from 'node:fs/promises'
import { serviceLevelFraction } from '../../domain/service-level.ts'
import type { PromiseSetting, QueueSetting, SettingBodies, SettingKind } from '../../domain/settings.ts'
import { DEFAULT_SITE } from '../../domain/settings.ts'
import { addDays, dayStartMs, weekdayOf } from '../../domain/site-calendar.ts'
import { epochDayOf } from '../../engine/forecast/calendar.ts'
import { fitSeries, forecastFrom, type SeriesForecast } from '../../engine/forecast/index.ts'
import { requiredAgents } from '../../engine/plan/interval-outcome.ts'
import { projectPaths } from '../../engine/plan/path-projection.ts'
import { restOfDay } from '../../engine/plan/rest-of-day.ts'
import {
  learnStaffing,
  type PlayedDay,
  type PlayedInterval,
  type StaffingLesson,
  witnessesOf,
} from '../../engine/plan/staffing-factor.ts'
import { type ContactCentre, createContactCentre, type SimulatedDay } from '../../simulator/contact-centre.ts'
import { toEnvelope } from '../../simulator/recorder.ts'
import type { QueueTruth, TruthInterval } from '../../simulator/truth.ts'
import { LiveState } from '../../state/live-state.ts'
import { createSettingsView, type SettingsView } from '../../state/settings-view.ts'
import { machineFacts } from './machine.ts'

export interface CalibrationOptions {
  readonly days: number
  readonly seed: number
  readonly paths: number
  /** Wall-clock hours at which the day is looked ahead at. */
  readonly hours: readonly number[]
  /** Days of history before the first counted day. */
  readonly historyDays: number
  /** Days lived through before, so that the staffing factor is learned. */
  readonly warmUpDays: number
}

interface Given {
  readonly queueId: string
  readonly day: string
  readonly hour: number
  readonly chance: number
  readonly ratio: number
  readonly ratioP10: number
  readonly ratioP90: number
  readonly kept: boolean
  readonly finalRatio: number
  readonly baseline: number
}

export interface CalibrationRow {
  readonly from: number
  readonly to: number
  readonly given: number
  readonly chanceMean: number
  readonly keptShare: number
  /** Two standard errors of the share; looks of one day go together. */
  readonly margin: number
}

export interface CalibrationResult {
  readonly options: CalibrationOptions
  readonly rows: readonly CalibrationRow[]
  readonly looks: number
  readonly brier: number
  readonly brierBaseline: number
  readonly bandCoverage: number
  readonly ratioBiasPoints: number
  readonly byHour: readonly {
    readonly hour: number
    readonly biasPoints: number
    readonly rows: readonly CalibrationRow[]
  }[]
}

const FULL: CalibrationOptions = {
  days: 200,
  seed: 1,
  paths: 1000,
  hours: [10, 12, 14, 16],
  historyDays: 84,
  warmUpDays: 20,
}
const ZONE = 'Europe/Paris'
const FIRST_DAY = '2025-03-03'
const INTERVAL_MINUTES = 30
const SLOTS = 1440 / INTERVAL_MINUTES
const SLOT_INDEXES = Array.from({ length: SLOTS }, (_, slot) => slot)
const DECILES = 10

export async function run(options: {
  readonly json?: string
  readonly events?: number
  readonly seed?: number
}): Promise<void> {
  const result = calibrate({ ...FULL, days: options.events ?? FULL.days, seed: options.seed ?? FULL.seed })
  const { cpu, cores, node, os } = machineFacts()
  process.stdout.write(`${cpu}, ${cores} cores, Node ${node}, ${os}\n${tableOf(result)}`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`)
}

export function calibrate(options: CalibrationOptions): CalibrationResult {
  const centre = createContactCentre({ seed: options.seed, zone: ZONE })
  const settings = viewOf(centre)
  const histories = new Map(settings.queueIds().map((id) => [id, new QueueBook(id)]))
  const given: Given[] = []
  const last = options.historyDays + options.warmUpDays + options.days
  for (let n = 0; n < last; n++) {
    const day = addDays(FIRST_DAY, n)
    const simulated = centre.simulateDay(day)
    if (n >= options.historyDays) {
      const looks = liveThrough({ settings, histories, day, simulated, options })
      if (n >= options.historyDays + options.warmUpDays) given.push(...looks)
    }
    for (const truth of simulated.truth) histories.get(truth.queueId)?.remember(day, truth, settings)
  }
  return scored(options, given)
}

/** One queue's past: counts for the forecast, played days for the staffing factor, and how often it was kept. */
class QueueBook {
  readonly queueId: string
  readonly counts: number[] = []
  readonly handled: number[] = []
  readonly handleSeconds: number[] = []
  readonly played: PlayedDay[] = []
  kept = 0
  days = 0

  constructor(queueId: string) {
    this.queueId = queueId
  }

  remember(day: string, truth: QueueTruth, settings: SettingsView): void {
    const open = openSlots(settings.queue(this.queueId), day)
    const startMs = dayStartMs(ZONE, day)
    for (let slot = 0; slot < SLOTS; slot++) {
      const interval = truth.intervals.find((one) => slotOf(one, startMs) === slot)
      this.counts.push(interval?.offered ?? (open[slot] === true ? 0 : Number.NaN))
      this.handled.push(interval?.handled ?? 0)
      this.handleSeconds.push(interval?.handleSeconds ?? 0)
    }
  }
}

function slotOf({ startMs }: TruthInterval, dayStart: number): number {
  return Math.floor((startMs - dayStart) / (INTERVAL_MINUTES * 60_000))
}

function openSlots(queue: QueueSetting, day: string): readonly boolean[] {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
  const hours = queue.openingHours[weekday] ?? []
  return Array.from({ length: SLOTS }, (_, slot) =>
    hours.some(([from, to]) => slot * INTERVAL_MINUTES >= from && slot * INTERVAL_MINUTES < to),
  )
}

interface LivedDay {
  readonly settings: SettingsView
  readonly histories: ReadonlyMap<string, QueueBook>
  readonly day: string
  readonly simulated: SimulatedDay
  readonly options: CalibrationOptions
}

interface Morning {
  readonly book: QueueBook
  readonly queue: QueueSetting
  readonly promise: PromiseSetting
  readonly fitted: ReturnType<typeof fitSeries>
  readonly lesson: StaffingLesson
  readonly agents: readonly number[]
  readonly open: readonly boolean[]
  readonly truth: QueueTruth
}

function liveThrough(input: LivedDay): readonly Given[] {
  const { settings, day, simulated, options } = input
  // A day that changes clocks has no intraday forecast.
  if (dayStartMs(ZONE, addDays(day, 1)) - dayStartMs(ZONE, day) !== 86_400_000) return []
  const mornings = simulated.truth.flatMap((truth) => morningOf(input, truth))
  const state = new LiveState(settings)
  const startMs = dayStartMs(ZONE, day)
  let at = 0
  const given: Given[] = []
  for (const hour of options.hours) {
    const nowMs = startMs + hour * 3_600_000
    for (; at < simulated.events.length; at++) {
      const event = simulated.events[at]
      if (event === undefined || event.occurredAtMs > nowMs) break
      state.apply({ ...toEnvelope(event, event.occurredAtMs), ingestSeq: at + 1 })
    }
    for (const morning of mornings) {
      const look = lookAhead(input, morning, state, nowMs)
      if (look !== undefined) given.push({ ...look, hour })
    }
  }
  for (const { book, promise, queue, agents, truth } of mornings) {
    const { numerator, denominator } = fractionOf(promise, truth)
    book.days += 1
    if (denominator > 0 && numerator / denominator >= promise.targetRatio) book.kept += 1
    const intervals = playedOf({ promise, queue, agents, truth, startMs }, SLOTS)
    book.played.push({ weekend: isWeekend(day), witnesses: witnessesOf(intervals, promise) })
  }
  return given
}

function morningOf({ settings, histories, day }: LivedDay, truth: QueueTruth): readonly Morning[] {
  const book = histories.get(truth.queueId)
  const queue = settings.queue(truth.queueId)
  const promise = settings.promiseFor(truth.queueId, day)
  const open = openSlots(queue, day)
  if (book === undefined || promise === null || !open.includes(true)) return []
  const days = book.counts.length / SLOTS
  const originDay = epochDayOf(day) ?? 0
  const fitted = fitSeries({
    history: {
      slotMinutes: INTERVAL_MINUTES,
      firstDay: originDay - days,
      counts: Float64Array.from(book.counts),
      handled: Float64Array.from(book.handled),
      handleSeconds: Float64Array.from(book.handleSeconds),
    },
    intervalMinutes: INTERVAL_MINUTES,
    originDay,
    days: 1,
    specialDays: [],
  })
  const forecast = forecastFrom(fitted)
  const agents = Array.from({ length: SLOTS }, (_, slot) =>
    open[slot] === true ? (requiredAgents(loadOf(forecast, queue, slot), promise) ?? 0) : 0,
  )
  const lesson = learnStaffing(book.played, isWeekend(day))
  return [{ book, queue, promise, fitted, lesson, agents, open, truth }]
}

function loadOf(forecast: SeriesForecast, queue: QueueSetting, slot: number) {
  return {
    contacts: forecast.intervals.mean[slot] ?? 0,
    intervalSeconds: INTERVAL_MINUTES * 60,
    ahtSeconds: forecast.intervals.ahtSeconds[slot] ?? 0,
    patienceSecondsMean: queue.patienceSecondsMean,
  }
}

/** What the day looks like at `nowMs`, an end of an interval, from the fold of the events until then. */
function lookAhead(
  { options, day }: LivedDay,
  morning: Morning,
  state: LiveState,
  nowMs: number,
): Omit<Given, 'hour'> | undefined {
  const { book, queue, promise, fitted, lesson, agents, open, truth } = morning
  const startMs = dayStartMs(ZONE, day)
  const done = Math.round((nowMs - startMs) / (INTERVAL_MINUTES * 60_000))
  if (!open.slice(done).includes(true) || !open.slice(0, done).includes(true)) return undefined
  const totals = new Map(
    state
      .dayIntervals(book.queueId, day)
      .map((interval) => [
        Math.round((interval.startMs - startMs) / (INTERVAL_MINUTES * 60_000)),
        interval.totals,
      ]),
  )
  const column = (pick: (slot: number) => number) =>
    Float64Array.from({ length: SLOTS }, (_, slot) =>
      slot < done && open[slot] === true ? pick(slot) : Number.NaN,
    )
  const forecast = forecastFrom(fitted, {
    knownMinutes: done * INTERVAL_MINUTES,
    counts: column((slot) => totals.get(slot)?.offered ?? 0),
    handled: column((slot) => totals.get(slot)?.handled ?? 0),
    handleSeconds: column((slot) => (totals.get(slot)?.handleMs ?? 0) / 1000),
  })
  const pick = (values: Float64Array) =>
    Array.from({ length: SLOTS }, (_, slot) =>
      slot >= done && open[slot] === true ? finite(values[slot - done]) : 0,
    )
  const played: PlayedInterval[] = []
  for (const [slot, sums] of totals) {
    if (slot >= done) continue
    const { numerator, denominator } = serviceLevelFraction(promise.formula, sums)
    played.push({
      slot,
      load: {
        contacts: sums.offered,
        intervalSeconds: INTERVAL_MINUTES * 60,
        ahtSeconds:
          sums.handled > 0 ? sums.handleMs / 1000 / sums.handled : finite(forecast.intervals.ahtSeconds[0]),
        patienceSecondsMean: queue.patienceSecondsMean,
      },
      agents: agents[slot] ?? 0,
      met: numerator,
      counted: denominator,
    })
  }
  const rest = restOfDay({
    promise,
    patienceSecondsMean: queue.patienceSecondsMean,
    intervalSeconds: INTERVAL_MINUTES * 60,
    position: done,
    contactsMean: pick(forecast.intervals.mean),
    rateCv: pick(forecast.intervals.rateCv),
    ahtSeconds: pick(forecast.intervals.ahtSeconds),
    agents,
    slots: SLOT_INDEXES,
    today: witnessesOf(played, promise),
    lesson,
    ...openWork(state, book.queueId, nowMs),
    paths: options.paths,
    seed: options.seed,
  })
  const sums = serviceLevelFraction(promise.formula, state.dayTotals(book.queueId, day))
  const soFar = { met: sums.numerator, counted: sums.denominator }
  const seen = projectPaths(rest.paths, 0, soFar, promise.targetRatio)
  const final = fractionOf(promise, truth)
  if (seen.keepProbability === null || seen.ratio === null || final.denominator === 0) return undefined
  return {
    queueId: book.queueId,
    day,
    chance: seen.keepProbability,
    ratio: seen.ratio,
    ratioP10: seen.ratioP10 ?? 0,
    ratioP90: seen.ratioP90 ?? 1,
    kept: final.numerator / final.denominator >= promise.targetRatio,
    finalRatio: final.numerator / final.denominator,
    baseline: (book.kept + 1) / (book.days + 2),
  }
}

/** Who waits, and how many are at work for the queue. */
function openWork(state: LiveState, queueId: string, nowMs: number) {
  const open = state.visits(queueId, nowMs - 7_200_000, nowMs + 1).filter(({ closed }) => !closed)
  return {
    waitingSeconds: open
      .filter(({ outcome }) => outcome === 'waiting')
      .map(({ queuedAtMs }) => (nowMs - queuedAtMs) / 1000),
    busyAgents: open.filter(({ outcome }) => outcome === 'answered').length,
  }
}

interface Played {
  readonly promise: PromiseSetting
  readonly queue: QueueSetting
  readonly agents: readonly number[]
  readonly truth: QueueTruth
  readonly startMs: number
}

function playedOf({ promise, queue, agents, truth, startMs }: Played, before: number): PlayedInterval[] {
  return truth.intervals.flatMap((interval) => {
    const slot = slotOf(interval, startMs)
    if (slot >= before || interval.handled === 0) return []
    const { numerator, denominator } = fractionOf(promise, interval)
    const load = {
      contacts: interval.offered,
      intervalSeconds: INTERVAL_MINUTES * 60,
      ahtSeconds: interval.handleSeconds / interval.handled,
      patienceSecondsMean: queue.patienceSecondsMean,
    }
    return [{ slot, load, agents: agents[slot] ?? 0, met: numerator, counted: denominator }]
  })
}

function fractionOf(promise: PromiseSetting, counts: QueueTruth | TruthInterval) {
  return serviceLevelFraction(promise.formula, { ...counts, callbacksWithinThreshold: 0 })
}

function isWeekend(day: string): boolean {
  return weekdayOf(day) >= 5
}

function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : 0
}

function viewOf(centre: ContactCentre): SettingsView {
  const bodies = <K extends SettingKind>(kind: K) =>
    new Map(
      centre.settings
        .filter((setting) => setting.kind === kind)
        .map(({ id, body }) => [id, body as SettingBodies[K]]),
    )
  return createSettingsView({
    site: [...bodies('site').values()][0] ?? DEFAULT_SITE,
    queues: bodies('queue'),
    clients: bodies('client'),
    agents: bodies('agent'),
    promises: [...bodies('promise').values()],
  })
}

function scored(options: CalibrationOptions, given: readonly Given[]): CalibrationResult {
  const mean = (values: readonly number[]) =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    options,
    rows: decilesOf(given),
    looks: given.length,
    brier: mean(given.map(({ chance, kept }) => (chance - (kept ? 1 : 0)) ** 2)),
    brierBaseline: mean(given.map(({ baseline, kept }) => (baseline - (kept ? 1 : 0)) ** 2)),
    bandCoverage: mean(
      given.map((look) =>
        look.finalRatio >= look.ratioP10 - 1e-9 && look.finalRatio <= look.ratioP90 + 1e-9 ? 1 : 0,
      ),
    ),
    ratioBiasPoints: 100 * mean(given.map(({ ratio, finalRatio }) => ratio - finalRatio)),
    byHour: options.hours.map((hour) => {
      const looks = given.filter((look) => look.hour === hour)
      return {
        hour,
        biasPoints: 100 * mean(looks.map(({ ratio, finalRatio }) => ratio - finalRatio)),
        rows: decilesOf(looks),
      }
    }),
  }
}

function decilesOf(given: readonly Given[]): readonly CalibrationRow[] {
  return Array.from({ length: DECILES }, (_, decile) => {
    const looks = given.filter(({ chance }) => Math.min(DECILES - 1, Math.floor(chance * DECILES)) === decile)
    const kept = looks.filter((look) => look.kept).length
    const keptShare = looks.length === 0 ? Number.NaN : kept / looks.length
    const margin = 2 * clusteredError(looks, keptShare)
    return {
      from: decile / DECILES,
      to: (decile + 1) / DECILES,
      given: looks.length,
      chanceMean: looks.reduce((sum, { chance }) => sum + chance, 0) / looks.length,
      keptShare,
      margin,
    }
  })
}

/** Standard error of a share of looks: those of one day share its weather, so days count and not looks. */
function clusteredError(looks: readonly Given[], share: number): number {
  const byDay = new Map<string, number>()
  for (const { day, kept } of looks) byDay.set(day, (byDay.get(day) ?? 0) + (kept ? 1 : 0) - share)
  const squares = [...byDay.values()].reduce((sum, error) => sum + error * error, 0)
  return looks.length === 0 ? Number.NaN : Math.sqrt(squares) / looks.length
}

export function tableOf(result: CalibrationResult): string {
  const { options, rows, looks, byHour, brier, brierBaseline, bandCoverage, ratioBiasPoints } = result
  const percent = (value: number, digits = 0) =>
    Number.isNaN(value) ? '-' : `${(100 * value).toFixed(digits)} %`
  const line = (row: CalibrationRow) =>
    `  ${percent(row.from).padStart(5)} to ${percent(row.to).padStart(5)}  ${String(row.given).padStart(6)}  ${percent(row.chanceMean, 1).padStart(8)}  ${percent(row.keptShare, 1).padStart(8)}  ± ${percent(row.margin, 1)}`
  return `calibration: seed ${options.seed}, ${options.days} simulated days, ${looks} looks at ${options.hours.join(', ')} h, ${options.paths} paths
  chance given      looks     given      kept
${rows.map(line).join('\n')}
  Brier score ${brier.toFixed(4)} (baseline, the queue's own share of days kept so far: ${brierBaseline.toFixed(4)})
  final level inside the 10-90 % band: ${percent(bandCoverage, 1)}; level projected too high by ${ratioBiasPoints.toFixed(2)} points (${byHour.map(({ hour, biasPoints }) => `${hour} h ${biasPoints.toFixed(2)}`).join(', ')})
`
}
