/** The chain behind an interval's requirement, from the engine's own steps, in the reader's words. */
import { type ExplainStep, explainRequirement } from '../../../server/engine/staffing-ext/explain.ts'
import { EXPLAIN_MESSAGES } from '../../../server/messages/explain.ts'
import { fillMessage } from '../../../server/messages/translate.ts'
import type { PlanDayBody } from '../../../server/wire/api.ts'
import { type FormatLocale, formatDecimal, formatRatio, GAP } from '../format/number.ts'

/** A steady state knows no flow-outs and no callbacks: SL7 is SL3 there, and SL8 is SL1. Short abandons it cannot tell. */
const MODELLED = {
  SL1: 'SL1',
  SL2: 'SL2',
  SL3: 'SL3',
  SL4: 'SL4',
  SL5: null,
  SL6: null,
  SL7: 'SL3',
  SL8: 'SL1',
} as const

export function explainInterval(body: PlanDayBody, index: number): readonly ExplainStep[] {
  const interval = body.intervals[index]
  const formula = MODELLED[body.promise.formula]
  if (interval === undefined || formula === null || interval.contactsMean <= 0 || interval.ahtSeconds <= 0)
    return []
  return explainRequirement({
    settings: {
      model: 'erlang-a',
      ahtSeconds: interval.ahtSeconds,
      answerThresholdSeconds: body.promise.answerThresholdSeconds,
      patienceSecondsMean: body.patienceSecondsMean,
    },
    contacts: interval.contactsMean,
    intervalSeconds: body.intervalMinutes * 60,
    goals: { serviceLevelRatioMin: body.promise.targetRatio, serviceLevelFormula: formula },
    shrinkageRatios: [body.shrinkageRatio],
  })
}

export function explainText(locale: FormatLocale, { step, values }: ExplainStep): string {
  const written = Object.entries(values).map(([name, value]) => [name, writeValue(locale, name, value)])
  return fillMessage(locale, EXPLAIN_MESSAGES[step], Object.fromEntries(written))
}

/** The name of a value says its unit. */
function writeValue(locale: FormatLocale, name: string, value: number | string | null): string | number {
  if (value === null) return GAP
  if (typeof value === 'string') return value
  if (/ratio/i.test(name) || /probability/i.test(name)) return formatRatio(locale, value, 1)
  if (/seconds/i.test(name)) return `${formatDecimal(locale, value, Number.isInteger(value) ? 0 : 1)} s`
  if (/erlangs/i.test(name)) return formatDecimal(locale, value, 2)
  return value
}
