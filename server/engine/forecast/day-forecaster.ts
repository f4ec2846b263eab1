// Day totals from several models: one without a sharp yearly cycle, one with it, and what earlier years had. Weights per lead bucket.

import { type DayModel, fitDayModel, JUDGED_LEADS, LEAD_BUCKET_ENDS, leadBucket } from './day-model.ts'
import { lastYears } from './last-year.ts'
import { fitPastModels, type PastModels } from './past-models.ts'
import type { PreparedSeries } from './prepare.ts'
import { isLongHistory } from './regression.ts'
import { at } from './vector.ts'

/** ln total of a day as forecast from days up to `known`, `lead` days ahead. */
export interface DayForecaster {
  logTotal(day: number, known: number, lead: number): number
}

type Member = (day: number, known: number, bucket: number) => number

/** `model` is the one fitted on the whole history; its design is the seasonal one when the history is long. */
export function dayForecaster(series: PreparedSeries, model: DayModel): DayForecaster {
  const long = isLongHistory(series.originIndex)
  const plain = memberOf(fitPastModels(series, long ? fitDayModel(series, false) : model, false))
  const years = lastYears(series, model.movable)
  const yearly: Member = (day, known) => years.logTotal(day, known)
  const repetition = repeatedParts(series, plain, yearly)
  const modelled = long
    ? mixed(plain, memberOf(fitPastModels(series, model, true)), repetition.map(seasonalWeight))
    : plain
  const weights = yearWeights(series, modelled, yearly, repetition)
  const mixture = mixed(modelled, yearly, weights)
  return {
    logTotal: (day, known, lead) =>
      (series.flags[day] === 0 ? mixture : modelled)(day, known, leadBucket(lead)),
  }
}

function memberOf(models: PastModels): Member {
  return (day, known, bucket) => {
    const model = models.knownAt(known + 1)
    return (
      at(model.levels[bucket] ?? [], known) + at(model.effect, day) + Math.log(model.smearing[bucket] ?? 1)
    )
  }
}

/** Geometric mean of two members; where the other has nothing to say, the first alone. */
function mixed(one: Member, other: Member, weights: Float64Array): Member {
  return (day, known, bucket) => {
    const log = one(day, known, bucket)
    const weight = at(weights, bucket)
    if (weight === 0) return log
    const second = other(day, known, bucket)
    return Number.isNaN(second) ? log : log + weight * (second - log)
  }
}

/** Days of the past on which members are compared. */
const COMPARED_DAYS = 300
/** Fewer errors than this compare nothing. */
const COMPARED_ERRORS_MIN = 60

/**
 * Least-squares weight of the second member beside the first, per lead bucket, over replayed ordinary days.
 * `believed` are the weights thought likely beforehand and count `belief` times what was seen.
 */
function bestWeights(
  series: PreparedSeries,
  one: Member,
  other: Member,
  believed: Float64Array,
  belief: number,
): Float64Array {
  return believed.map((prior, bucket) => {
    let gain = 0
    let distance = 0
    let errors = 0
    for (const lead of JUDGED_LEADS[bucket] ?? []) {
      for (let day = Math.max(lead, series.originIndex - COMPARED_DAYS); day < series.originIndex; day++) {
        const total = at(series.totals, day)
        if (series.flags[day] !== 0 || series.closedClass[series.classOf[day] ?? 0] || !(total > 0)) continue
        const theirs = other(day, day - lead, bucket)
        if (Number.isNaN(theirs)) continue
        const ours = one(day, day - lead, bucket)
        gain += (ours - Math.log(total)) * (ours - theirs)
        distance += (ours - theirs) ** 2
        errors++
      }
    }
    if (errors < COMPARED_ERRORS_MIN || distance < 1e-12) return 0
    return Math.max(0, (gain / distance + belief * prior) / (1 + belief))
  })
}

/** How much of what set last year apart from a model without seasons came again: honest, for both are replayed from what was known. */
function repeatedParts(series: PreparedSeries, plain: Member, yearly: Member): Float64Array {
  const none = new Float64Array(LEAD_BUCKET_ENDS.length + 1)
  if (Number.isNaN(yearly(series.originIndex, series.originIndex - 1, 0))) return none
  return bestWeights(series, plain, yearly, none, 0)
}

/** The seasonal model has more years and less noise than last year alone: where this part comes again it has the word alone. */
const REPEATED_PART_FULL = 0.4

function seasonalWeight(repeated: number): number {
  return Math.min(1, repeated / REPEATED_PART_FULL)
}

const YEAR_WEIGHT_MAX = 0.7
/** The seasonal model was fitted on the days it is compared on, so comparison alone would flatter it. */
const YEAR_WEIGHT_BELIEVED = 0.4
const YEAR_WEIGHT_BELIEF = 1

function yearWeights(
  series: PreparedSeries,
  modelled: Member,
  yearly: Member,
  repetition: Float64Array,
): Float64Array {
  if (!repetition.some((part) => part > 0)) return repetition
  const believed = repetition.map((part) => YEAR_WEIGHT_BELIEVED * seasonalWeight(part))
  return bestWeights(series, modelled, yearly, believed, YEAR_WEIGHT_BELIEF).map((weight) =>
    Math.min(YEAR_WEIGHT_MAX, weight),
  )
}
