/** What is odd about a request but no error: it is answered all the same, and the answer says so. */
import type { RequestFields } from './fields.ts'

export interface StaffWarning {
  readonly type: 'unknown-field' | 'threshold-above-patience'
  readonly detail: string
  /** JSON Pointer into the request. */
  readonly pointer: string
}

/** Every field that some model or task reads. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'model',
  'task',
  'contacts',
  'intervalSeconds',
  'ahtSeconds',
  'offeredErlangs',
  'offeredErlangsByClass',
  'agents',
  'lines',
  'answerThresholdSeconds',
  'patienceSecondsMean',
  'redialRatio',
  'shrinkageRatio',
  'shrinkageRatios',
  'serviceLevelRatioMin',
  'serviceLevelFormula',
  'meanWaitSecondsMax',
  'agentsMin',
  'waitProbabilityMax',
  'abandonRatioMax',
  'occupancyRatioMax',
  'blockingRatioMax',
  'mustCover',
  'intervals',
])

/** Warnings of a message are bounded: a request with a thousand stray fields is not answered with a thousand lines. */
const UNKNOWN_FIELDS_MAX = 10

export function warningsOf(fields: RequestFields): StaffWarning[] {
  const unknown = Object.keys(fields).filter((name) => !KNOWN_FIELDS.has(name))
  const warnings: StaffWarning[] = unknown.slice(0, UNKNOWN_FIELDS_MAX).map((name) => ({
    type: 'unknown-field',
    detail: `${name} is no field of a staffing request and was not read`,
    pointer: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  }))
  if (isDegenerate(fields)) {
    warnings.push({
      type: 'threshold-above-patience',
      detail:
        'SL4 leaves out who abandons within the threshold: above the mean patience it is met by answering almost nobody',
      pointer: '/answerThresholdSeconds',
    })
  }
  return warnings
}

/** SL4 (the default) as a goal with T above the mean patience. */
function isDegenerate(fields: RequestFields): boolean {
  const { answerThresholdSeconds, patienceSecondsMean, serviceLevelFormula, serviceLevelRatioMin } = fields
  if (typeof serviceLevelRatioMin !== 'number') return false
  if (typeof answerThresholdSeconds !== 'number' || typeof patienceSecondsMean !== 'number') return false
  if (fields.model === 'erlang-c' || fields.model === 'erlang-b' || fields.model === 'finite-lines')
    return false
  // Without a named formula the goal of finite lines is the level over all callers.
  const unnamed = fields.model === 'finite-lines-abandonment' ? 'SL3' : 'SL4'
  return (serviceLevelFormula ?? unnamed) === 'SL4' && answerThresholdSeconds > patienceSecondsMean
}
