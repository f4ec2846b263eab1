/** The public entry `vigie/engine`: pure numbers for Node and browsers, no I/O. Batch solvers over columns and one scalar function a formula. */

export {
  type RequiredAgentsErlangAInput,
  requiredAgentsErlangA,
  type StaffingColumnsErlangA,
} from './staffing/batch-erlang-a.ts'
export {
  type RequiredAgentsErlangCInput,
  requiredAgentsErlangC,
  type StaffingColumns,
} from './staffing/batch-erlang-c.ts'
export { type Quantity, StaffingInputError } from './staffing/columns.ts'
export {
  ERLANG_FORMULAS,
  type ErlangAFigures,
  type ErlangAInput,
  type ErlangARatios,
  type ErlangFormula,
  erlangAMetrics,
  erlangARatios,
} from './staffing/erlang-a.ts'
export {
  type ErlangBFigures,
  type ErlangBInput,
  erlangBBlockingRatio,
  erlangBMetrics,
} from './staffing/erlang-b.ts'
export {
  type ErlangCFigures,
  type ErlangCInput,
  erlangCLateRatio,
  erlangCMetrics,
  erlangCWaitProbability,
  type WaitPercentiles,
} from './staffing/erlang-c.ts'
export { type ErlangXFigures, type ErlangXInput, erlangXMetrics } from './staffing/erlang-x.ts'
export {
  type FiniteLinesFigures,
  type FiniteLinesInput,
  finiteLinesMetrics,
} from './staffing/finite-lines.ts'
export {
  type FiniteLinesAbandonmentFigures,
  type FiniteLinesAbandonmentInput,
  finiteLinesAbandonmentMetrics,
} from './staffing/finite-lines-abandonment.ts'
export { fractionalAgentsErlangC } from './staffing/fractional-agents.ts'
export type { GoalName, StaffingGoals } from './staffing/goals.ts'
export { type OfferedLoad, offeredLoad } from './staffing/load.ts'
export type { ModelFigures, ModelSettings, StationaryModel } from './staffing/models.ts'
export { maximumLoad, type Requirement, requiredAgents, requiredLines } from './staffing/requirement.ts'
export { type GrossAgents, grossAgents } from './staffing/shrinkage.ts'
export {
  type DayOptimumInput,
  type DayOptimumReached,
  type DayOptimumUnreachable,
  dayOptimum,
} from './staffing-ext/day-optimum.ts'
export {
  type ExplainRequirementInput,
  type ExplainStep,
  explainDayOptimum,
  explainRequirement,
} from './staffing-ext/explain.ts'
export {
  type MultiSkillAnswer,
  type MultiSkillInput,
  multiSkillStaffing,
} from './staffing-ext/multi-skill.ts'
export { type PriorityInput, type PriorityMetrics, priorityMetrics } from './staffing-ext/priority.ts'
export { type RateDistribution, rateCoefficientOfVariation } from './staffing-ext/rate-law.ts'
export {
  type Estimate,
  type SimulatedFigures,
  type SimulationMetrics,
  simulate,
} from './staffing-ext/simulation/simulate.ts'
export type { SimulationInput } from './staffing-ext/simulation/simulation-input.ts'
export {
  type TransientInput,
  type TransientInterval,
  type TransientIntervalMetrics,
  type TransientMetrics,
  transientMetrics,
} from './staffing-ext/transient.ts'
export {
  type DayUncertainty,
  type UncertainDayInput,
  type UncertainDayMetrics,
  type UncertainDayRequired,
  uncertainDayMetrics,
  uncertainDayRequired,
} from './staffing-ext/uncertain-day.ts'
export {
  type AgentsAnswer,
  type UncertainIntervalInput,
  type UncertainIntervalMetrics,
  type UncertainRequiredInput,
  uncertainIntervalMetrics,
  uncertainRequiredAgents,
} from './staffing-ext/uncertain-load.ts'
