/** What pages see of forecasts: spans of days against what came, single days, versions, and any two of them side by side. */
import type { Clock } from '../domain/clock.ts'
import type { QueueSetting } from '../domain/settings.ts'
import { addDays, dayStartMs, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import type {
  AccuracyBody,
  ComparedSideBody,
  ForecastComparisonBody,
  ForecastDayBody,
  ForecastDayDetailBody,
  ForecastIntervalBody,
  ForecastRangeBody,
  ForecastVersionBody,
  ForecastVersionDetailBody,
  MethodChoiceBody,
  SpecialDayBody,
} from '../wire/forecast-api.ts'
import { actualsOf, type DayActual, type DayActualsSources } from './day-actuals.ts'
import { dayGrid } from './day-grid.ts'
import type { EffectiveForecasts } from './effective-forecasts.ts'
import { accuracyOf } from './forecast-accuracy.ts'
import { toEditBody } from './forecast-edits.ts'
import { type EffectiveDay, isActiveOn } from './forecast-layer.ts'
import { chosenMethod } from './forecast-material.ts'
import type { ForecastRunner } from './forecast-runner.ts'
import { daysBetween } from './forecast-span.ts'
import { activeMarks } from './past-of-queue.ts'
import type { ForecastDay, ForecastEdit, OneOffMark, PlanningStore, QueueSpan } from './planning-store.ts'
import { actsOn, SPECIAL_REACH_DAYS, specialDays } from './special-days.ts'

export interface ForecastViewsOptions extends DayActualsSources {
  readonly store: PlanningStore
  readonly effective: EffectiveForecasts
  readonly forecasts: ForecastRunner
  readonly clock: Clock
}

/** What is known of the days of a span, read once. */
interface SpanMaterial {
  readonly queue: QueueSetting
  readonly today: SiteDay
  readonly actuals: ReadonlyMap<SiteDay, DayActual>
  readonly current: ReadonlyMap<SiteDay, EffectiveDay>
  readonly judged: ReadonlyMap<SiteDay, EffectiveDay>
  readonly edits: readonly ForecastEdit[]
  readonly marks: readonly OneOffMark[]
  readonly calendar: readonly SpecialDayBody[]
}

export class ForecastViews {
  readonly #options: ForecastViewsOptions

  constructor(options: ForecastViewsOptions) {
    this.#options = options
  }

  /** Undefined when the queue is unknown. */
  async range(span: QueueSpan, withIntervals: boolean): Promise<ForecastRangeBody | undefined> {
    const { settings, clock } = this.#options
    const material = await this.#read(span)
    const method = await this.methods(span.queueId)
    if (material === undefined || method === undefined) return undefined
    const { queue, today } = material
    const days: ForecastDayBody[] = []
    for (let day = span.fromDay; day <= span.toDay; day = addDays(day, 1))
      days.push(dayBody(material, day, withIntervals))
    return {
      queueId: span.queueId,
      queueName: settings.queue(span.queueId)?.name ?? span.queueId,
      zone: queue.zone,
      intervalMinutes: queue.intervalMinutes,
      today,
      nowMs: clock.nowMs(),
      method,
      days,
      accuracy: judge(material, (day) => day),
      modelAccuracy: material.edits.length === 0 ? null : judge(material, (day) => day.model),
    }
  }

  async day(queueId: string, day: SiteDay): Promise<ForecastDayDetailBody | undefined> {
    const material = await this.#read({ queueId, fromDay: day, toDay: day })
    if (material === undefined) return undefined
    const { queue, edits, marks } = material
    const body = dayBody(material, day, true)
    return {
      ...body,
      queueId,
      queueName: queue.name,
      zone: queue.zone,
      intervalMinutes: queue.intervalMinutes,
      nowMs: this.#options.clock.nowMs(),
      intervals: body.intervals ?? [],
      edits: edits.filter((edit) => isActiveOn(edit, day)).map(toEditBody),
      oneOffs: marks,
    }
  }

  /** Newest first. */
  async versions(queueId: string, day: SiteDay): Promise<readonly ForecastVersionBody[] | undefined> {
    if (this.#options.settings.queue(queueId) === undefined) return undefined
    const versions = await this.#options.store.forecastVersions(queueId, day)
    return versions.map(toVersionBody).reverse()
  }

  async version(
    queueId: string,
    day: SiteDay,
    version: number,
  ): Promise<ForecastVersionDetailBody | undefined> {
    const found = await this.#version(queueId, day, version)
    return found === undefined ? undefined : { ...toVersionBody(found), columns: columnsOf(found) }
  }

  async methods(queueId: string): Promise<MethodChoiceBody | undefined> {
    const { store, settings } = this.#options
    if (settings.queue(queueId) === undefined) return undefined
    const comparison = await store.newestComparison(queueId)
    return {
      queueId,
      ...chosenMethod(settings.forecastSetting(queueId)?.method ?? null, comparison),
      best: comparison?.pick ?? null,
      comparedAtMs: comparison?.comparedAtMs ?? null,
      endDay: comparison?.endDay ?? null,
      leadDays: comparison?.leadDays ?? null,
      origins: comparison?.origins ?? null,
      scores: comparison?.scores ?? [],
    }
  }

  /** Null queue: of any. */
  specialDays(queueId: string | null, fromDay: SiteDay, toDay: SiteDay): readonly SpecialDayBody[] {
    const { settings } = this.#options
    return specialDays(
      { region: settings.site().holidayRegion, entries: settings.specialDayEntries() },
      { queueId, fromDay, toDay },
    )
  }

  /** Undefined when the queue or a side does not exist. */
  async compare(
    queueId: string,
    day: SiteDay,
    sides: { readonly left: string; readonly right: string },
  ): Promise<ForecastComparisonBody | undefined> {
    const queue = this.#options.settings.queue(queueId)
    if (queue === undefined) return undefined
    const span = { queueId, fromDay: day, toDay: day }
    const actual = (await actualsOf(this.#options, span)).get(day)
    const left = await this.#side(span, sides.left, actual)
    const right = await this.#side(span, sides.right, actual)
    if (left === undefined || right === undefined) return undefined
    const at = (column: readonly (number | null)[], index: number) => column[index] ?? null
    const intervals = dayGrid(queue, day).map(({ startMs, label, open }, index) => {
      const leftContacts = at(left.contacts, index)
      const rightContacts = at(right.contacts, index)
      return {
        startMs,
        label,
        open,
        left: leftContacts,
        right: rightContacts,
        difference: leftContacts === null || rightContacts === null ? null : rightContacts - leftContacts,
        leftAhtSeconds: at(left.ahtSeconds, index),
        rightAhtSeconds: at(right.ahtSeconds, index),
        actual: actual?.contacts[index] ?? null,
      }
    })
    return {
      queueId,
      day,
      left: left.body,
      right: right.body,
      intervals,
      total: totalDifference(intervals),
    }
  }

  async #version(queueId: string, day: SiteDay, version: number): Promise<ForecastDay | undefined> {
    const versions = await this.#options.store.forecastVersions(queueId, day)
    return versions.find((one) => one.version === version)
  }

  async #side(span: QueueSpan, side: string, actual: DayActual | undefined): Promise<Side | undefined> {
    if (side === 'actuals') {
      if (actual === undefined) return undefined
      return { ...actual, body: { side, version: null, accuracy: null } }
    }
    const { effective } = this.#options
    const newest = side === 'model' || side === 'effective'
    const current = newest ? await effective.newest(span.queueId, span.fromDay) : undefined
    const forecast: ForecastDay | undefined = newest
      ? side === 'model'
        ? current?.model
        : current
      : await this.#version(span.queueId, span.fromDay, Number(side))
    if (forecast === undefined) return undefined
    return {
      contacts: forecast.contactsMean,
      ahtSeconds: forecast.ahtSeconds,
      body: {
        side,
        version: toVersionBody(forecast),
        accuracy: actual === undefined ? null : accuracyOf([{ forecast, actual }]),
      },
    }
  }

  async #read(span: QueueSpan): Promise<SpanMaterial | undefined> {
    const { settings, store, effective, clock } = this.#options
    const queue = settings.queue(span.queueId)
    if (queue === undefined) return undefined
    const { zone } = queue
    const today = siteDayOf(zone, clock.nowMs())
    await this.#runMissing(span, today)
    const byDay = (days: readonly EffectiveDay[]) => new Map(days.map((day) => [day.day, day]))
    const fromDay = addDays(span.fromDay, -SPECIAL_REACH_DAYS)
    return {
      queue,
      today,
      actuals: await actualsOf(this.#options, span),
      current: byDay(await effective.ofSpan(span)),
      judged: byDay(await effective.beforeTheDay(span, (day) => dayStartMs(zone, day))),
      edits: (await store.forecastEdits(span)).filter(({ removedAtMs }) => removedAtMs === null),
      marks: await activeMarks(store, span),
      calendar: this.specialDays(span.queueId, fromDay, span.toDay),
    }
  }

  /** Coming days that nobody has forecast yet; of the past only what was forecast is shown. */
  async #runMissing({ queueId, fromDay, toDay }: QueueSpan, today: SiteDay): Promise<void> {
    const from = fromDay < today ? today : fromDay
    if (from > toDay) return
    const { store, forecasts } = this.#options
    const known = await store.newestForecastsOf({ queueId, fromDay: from, toDay, intraday: false })
    const knownDays = new Set(known.map(({ day }) => day))
    let first = from
    while (first <= toDay && knownDays.has(first)) first = addDays(first, 1)
    if (first > toDay) return
    let last = toDay
    while (knownDays.has(last)) last = addDays(last, -1)
    await forecasts.runMissing(queueId, first, daysBetween(first, last) + 1)
  }
}

interface Side {
  readonly contacts: readonly (number | null)[]
  readonly ahtSeconds: readonly (number | null)[]
  readonly body: ComparedSideBody
}

function totalDifference(intervals: ForecastComparisonBody['intervals']): ForecastComparisonBody['total'] {
  let left = 0
  let right = 0
  let absolute = 0
  for (const interval of intervals) {
    if (interval.left === null || interval.right === null) continue
    left += interval.left
    right += interval.right
    absolute += Math.abs(interval.right - interval.left)
  }
  return { left, right, difference: right - left, differenceRatio: left > 0 ? absolute / left : null }
}

/** Days of the past are shown as they were forecast before they began: the later versions knew what came. */
function shownDay(material: SpanMaterial, day: SiteDay): EffectiveDay | undefined {
  const { today, judged, current } = material
  return day < today ? (judged.get(day) ?? current.get(day)) : current.get(day)
}

function judge(material: SpanMaterial, pick: (day: EffectiveDay) => ForecastDay): AccuracyBody | null {
  const pairs = [...material.actuals].flatMap(([day, actual]) => {
    const judged = material.judged.get(day)
    return judged === undefined ? [] : [{ forecast: pick(judged), actual }]
  })
  return accuracyOf(pairs)
}

function dayBody(material: SpanMaterial, day: SiteDay, withIntervals: boolean): ForecastDayBody {
  const { actuals, judged, edits, marks, calendar } = material
  const actual = actuals.get(day)
  const shown = shownDay(material, day)
  const before = judged.get(day)
  const editCount = edits.filter((edit) => isActiveOn(edit, day)).length
  const accuracy = (forecast: ForecastDay | undefined) =>
    forecast === undefined || actual === undefined ? null : accuracyOf([{ forecast, actual }])
  return {
    day,
    forecast: shown === undefined ? null : toVersionBody(shown),
    dayMean: shown?.dayMean ?? null,
    dayP10: shown?.dayP10 ?? null,
    dayP90: shown?.dayP90 ?? null,
    modelDayMean: shown?.model.dayMean ?? null,
    actualContacts: actual === undefined ? null : sumKnown(actual.contacts),
    specialDays: calendar.filter((special) => actsOn(special, day)),
    editCount,
    oneOffCount: marks.filter((mark) => mark.day === day).length,
    accuracy: accuracy(before),
    modelAccuracy: editCount === 0 ? null : accuracy(before?.model),
    ...(withIntervals && { intervals: intervalBodies(material, day, shown, actual) }),
  }
}

function sumKnown(contacts: readonly (number | null)[]): number {
  return contacts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

function intervalBodies(
  { queue, marks }: SpanMaterial,
  day: SiteDay,
  shown: EffectiveDay | undefined,
  actual: DayActual | undefined,
): readonly ForecastIntervalBody[] {
  const ofDay = marks.filter((mark) => mark.day === day)
  return dayGrid(queue, day).map(({ startMs, label, open }, index): ForecastIntervalBody => {
    const at = (column: readonly number[] | undefined) => column?.[index] ?? 0
    const minute = Number(label.slice(0, 2)) * 60 + Number(label.slice(3, 5))
    return {
      startMs,
      label,
      open,
      modelContacts: at(shown?.model.contactsMean),
      modelAhtSeconds: at(shown?.model.ahtSeconds),
      contactsMean: at(shown?.contactsMean),
      contactsP2_5: at(shown?.contactsP2_5),
      contactsP10: at(shown?.contactsP10),
      contactsP90: at(shown?.contactsP90),
      contactsP97_5: at(shown?.contactsP97_5),
      rateCv: at(shown?.rateCv),
      ahtSeconds: at(shown?.ahtSeconds),
      ahtSecondsSd: spreadOf(shown, index),
      actualContacts: actual?.contacts[index] ?? null,
      actualAhtSeconds: actual?.ahtSeconds[index] ?? null,
      editedContacts: shown?.editedContacts[index] ?? false,
      editedAht: shown?.editedAht[index] ?? false,
      oneOff: ofDay.some(
        (mark) => minute + queue.intervalMinutes > mark.fromMinute && minute < mark.toMinute,
      ),
    }
  })
}

/** A spread of 0 is none: the history has no handling times. */
function spreadOf(day: ForecastDay | undefined, index: number): number | null {
  const sd = day?.ahtSecondsSd[index] ?? 0
  return sd > 0 ? sd : null
}

function toVersionBody(day: ForecastDay): ForecastVersionBody {
  const { version, method, intraday, author, createdAtMs, originMs, intervalMinutes } = day
  const { dayMean, dayP10, dayP90, poissonFloorWape, notes, inputs, historyDays } = day
  return {
    version,
    method,
    intraday,
    author,
    createdAtMs,
    originMs,
    intervalMinutes,
    dayMean,
    dayP10,
    dayP90,
    poissonFloorWape,
    notes,
    inputs: inputs ?? {
      historyFromDay: null,
      historyToDay: null,
      historyDays,
      usableDays: null,
      specialDays: [],
      oneOffMarks: null,
      methodReason: null,
      scores: [],
      borrowedFrom: null,
      editIds: [],
    },
  }
}

function columnsOf(day: ForecastDay): ForecastVersionDetailBody['columns'] {
  const { contactsMean, contactsP2_5, contactsP10, contactsP90, contactsP97_5, rateCv, ahtSeconds } = day
  return {
    contactsMean,
    contactsP2_5,
    contactsP10,
    contactsP90,
    contactsP97_5,
    rateCv,
    ahtSeconds,
    ahtSecondsSd: contactsMean.map((_, index) => spreadOf(day, index)),
  }
}
