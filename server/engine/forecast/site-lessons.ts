// What the other queues of a site saw on holidays and eves that this queue has not had yet: what it may expect of them.

import type { EpochDay } from './calendar.ts'
import { fitDayModel } from './day-model.ts'
import { type ForecastWindow, type PreparedSeries, prepareSeries, type SeriesHistory } from './prepare.ts'
import { isSpecial } from './special-days.ts'
import { at } from './vector.ts'

/** Only queues that are older by so much have seen what this one has not. */
const OLDER_DAYS_MIN = 28
/** Each costs a day model: the oldest ones tell most. */
const SIBLINGS_MAX = 6
/** Contacts a day at which a queue's special day says half as much as a large queue's. */
const HALF_TOLD_CONTACTS = 60
/** Queues of a site are alike, not the same: this part of what others saw is expected. */
const LIKENESS = 0.7
/** One special day is half luck: so many days of the mean are believed beside what was seen. */
const BELIEVED_DAYS = 1
const EFFECT_MAX = 1.2

/** The series with the ln ratios that its siblings give to special days to come; the same one where they tell nothing new. */
export function withSiteLessons(
  series: PreparedSeries,
  siblings: readonly SeriesHistory[],
  window: ForecastWindow,
): PreparedSeries {
  const seen = seenNames(series)
  const wanted = [...series.yearlyNames].filter(
    ([day, name]) =>
      day >= series.originIndex &&
      isSpecial(series.flags[day] ?? 0) &&
      !seen.has(name) &&
      !isStated(series, day),
  )
  if (wanted.length === 0) return series
  const means = new LessonMeans(pooledLessons(series, siblings, window), series)
  const impactRatios = Float64Array.from(series.impactRatios)
  for (const [day, name] of wanted) impactRatios[day] = Math.exp(LIKENESS * means.beyondOwn(name))
  return { ...series, impactRatios }
}

/** Somebody has said what the day does. */
function isStated(series: PreparedSeries, day: number): boolean {
  return at(series.impactRatios, day) !== 1
}

function seenNames(series: PreparedSeries): ReadonlySet<string> {
  const seen = new Set<string>()
  for (const [day, name] of series.yearlyNames)
    if (day < series.originIndex && at(series.totals, day) > 0) seen.add(name)
  return seen
}

/** What the older queues had on one special day: weighted mean of its ln effects. */
interface Lesson {
  readonly name: string
  sum: number
  weight: number
}

function pooledLessons(
  series: PreparedSeries,
  siblings: readonly SeriesHistory[],
  window: ForecastWindow,
): ReadonlyMap<EpochDay, Lesson> {
  const own = firstKnownDay(series)
  const older = siblings
    .map((history) => ({ history, from: history.firstDay }))
    .filter(({ from }) => from <= own - OLDER_DAYS_MIN)
    .sort((a, b) => a.from - b.from)
    .slice(0, SIBLINGS_MAX)
  const lessons = new Map<EpochDay, Lesson>()
  for (const { history } of older) {
    const other = prepareSeries(history, window)
    const usual = usualTotal(other)
    const weight = usual / (usual + HALF_TOLD_CONTACTS)
    for (const [day, effect] of fitDayModel(other, false).specialEffects) {
      const name = other.yearlyNames.get(day)
      if (name === undefined) continue
      const lesson = lessons.get(other.firstDay + day) ?? { name, sum: 0, weight: 0 }
      lesson.sum += weight * Math.max(-EFFECT_MAX, Math.min(EFFECT_MAX, effect))
      lesson.weight += weight
      lessons.set(other.firstDay + day, lesson)
    }
  }
  return lessons
}

function firstKnownDay(series: PreparedSeries): EpochDay {
  const first = series.totals.findIndex((total) => total > 0)
  return series.firstDay + (first < 0 ? series.originIndex : first)
}

function usualTotal(series: PreparedSeries): number {
  let sum = 0
  for (let day = 0; day < series.originIndex; day++)
    if (at(series.totals, day) > 0) sum += at(series.totals, day)
  return sum / Math.max(1, series.usableDays)
}

/** Means of the lessons by kind and by name; days of this queue's own past are what its own model has learned already. */
class LessonMeans {
  private readonly byName = new Map<string, Mean>()
  private readonly byKind = new Map<string, Mean>()
  private readonly ownByKind = new Map<string, Mean>()

  constructor(lessons: ReadonlyMap<EpochDay, Lesson>, series: PreparedSeries) {
    for (const [date, { name, sum, weight }] of lessons) {
      const day = date - series.firstDay
      const effect = weight > 0 ? sum / weight : 0
      meanOf(this.byName, name).add(effect)
      meanOf(this.byKind, kindOf(name)).add(effect)
      if (day >= 0 && day < series.originIndex && at(series.totals, day) > 0)
        meanOf(this.ownByKind, kindOf(name)).add(effect)
    }
  }

  /** ln effect that siblings saw on days of a name beyond what they saw on the days that this queue knows. */
  beyondOwn(name: string): number {
    const kind = this.byKind.get(kindOf(name))?.shrunkTo(0) ?? 0
    const named = this.byName.get(name)?.shrunkTo(kind) ?? kind
    return named - (this.ownByKind.get(kindOf(name))?.shrunkTo(0) ?? 0)
  }
}

class Mean {
  private sum = 0
  private days = 0
  add(value: number): void {
    this.sum += value
    this.days++
  }
  shrunkTo(prior: number): number {
    return (this.sum + BELIEVED_DAYS * prior) / (this.days + BELIEVED_DAYS)
  }
}

function meanOf(means: Map<string, Mean>, key: string): Mean {
  const mean = means.get(key) ?? new Mean()
  means.set(key, mean)
  return mean
}

/** Names begin with their kind. */
function kindOf(name: string): string {
  return name.split(' ', 1)[0] ?? ''
}
