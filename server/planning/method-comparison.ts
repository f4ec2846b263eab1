/** The rolling comparison of the methods on the past of one queue, kept with every loser's scores. */
import type { SiteDay } from '../domain/site-calendar.ts'
import { epochDayOf } from '../engine/forecast/calendar.ts'
import type { Evaluation, EvaluationInput, MethodScore } from '../engine/forecast/evaluate.ts'
import type { MethodScoreBody } from '../wire/forecast-api.ts'
import { gatherMaterial, type MaterialSources } from './forecast-material.ts'
import { daysBetween } from './forecast-span.ts'
import type { MethodComparison } from './planning-store.ts'

/** Does the numbers; the server passes one that has a thread of its own. */
export interface MethodComparer {
  compare(input: EvaluationInput): Promise<Evaluation>
  close(): Promise<void>
}

/** A week ahead is what rosters are made for; eight of them are two months of judgement. */
const LEAD_DAYS = 7
const WEEKS = 8
/** An origin a week: sooner than that a comparison has nothing new to judge by. */
const AGAIN_AFTER_DAYS = 7

/**
 * Undefined when there is nothing to compare on, or (unless asked for again) the newest comparison is not a week old.
 * Nothing at or after `beforeDay` is read.
 */
export async function compareMethods(
  sources: MaterialSources & { readonly comparer: MethodComparer; readonly nowMs: () => number },
  options: { readonly queueId: string; readonly beforeDay: SiteDay; readonly again: boolean },
): Promise<MethodComparison | undefined> {
  const { store, comparer, nowMs } = sources
  const { queueId, beforeDay, again } = options
  const newest = await store.newestComparison(queueId)
  const material = await gatherMaterial(sources, { queueId, beforeDay, lastDay: beforeDay })
  if (material === undefined) return undefined
  const { originDay, history, specialDays, borrowedShares, levelVariance, queue } = material
  // How the methods do on a lender's past says nothing of this queue.
  if (levelVariance !== undefined) return undefined
  const isNew = newest !== undefined && daysBetween(newest.endDay, originDay) < AGAIN_AFTER_DAYS
  if (!again && isNew) return undefined
  const evaluation = await comparer.compare({
    history,
    intervalMinutes: queue.intervalMinutes,
    endDay: epochDayOf(originDay) ?? 0,
    leadDays: LEAD_DAYS,
    weeks: WEEKS,
    specialDays,
    ...(borrowedShares !== undefined && { borrowedShares }),
  })
  const comparison: MethodComparison = {
    queueId,
    comparedAtMs: nowMs(),
    endDay: originDay,
    leadDays: LEAD_DAYS,
    origins: evaluation.origins,
    pick: evaluation.pick ?? null,
    scores: evaluation.origins === 0 ? [] : [...evaluation.scores].sort(byWape).map(toScore),
  }
  await store.addComparison(comparison)
  return comparison
}

function byWape(a: MethodScore, b: MethodScore): number {
  return (Number.isNaN(a.wape) ? 1e9 : a.wape) - (Number.isNaN(b.wape) ? 1e9 : b.wape)
}

function toScore(score: MethodScore): MethodScoreBody {
  const known = (value: number) => (Number.isFinite(value) ? value : null)
  return {
    method: score.method,
    wape: known(score.wape),
    dayWape: known(score.dayWape),
    bias: known(score.bias),
    weightedQuantileLoss: known(score.weightedQuantileLoss),
    coverage80: known(score.coverage80),
    coverage95: known(score.coverage95),
    poissonFloorWape: known(score.poissonFloorWape),
  }
}
