/** Every stationary model behind one face: figures at a load and a number of agents, and what its goals look at. */
import { type ErlangAFigures, type ErlangARatios, erlangAMetrics, erlangARatios } from './erlang-a.ts'
import { type ErlangBFigures, erlangBMetrics } from './erlang-b.ts'
import { type ErlangCFigures, erlangCMetrics } from './erlang-c.ts'
import { type ErlangXFigures, erlangXMetrics } from './erlang-x.ts'
import { type FiniteLinesFigures, finiteLinesMetrics } from './finite-lines.ts'
import {
  type FiniteLinesAbandonmentFigures,
  finiteLinesAbandonmentMetrics,
} from './finite-lines-abandonment.ts'
import type { GoalFigures } from './goals.ts'
import { agentsOverLoad, type OfferedLoad } from './load.ts'

export const STATIONARY_MODELS = [
  'erlang-b',
  'erlang-c',
  'erlang-a',
  'finite-lines',
  'finite-lines-abandonment',
  'erlang-x',
] as const
export type StationaryModel = (typeof STATIONARY_MODELS)[number]

/** What a model needs beside load and agents; the parser has checked that it is there. */
export interface ModelSettings {
  readonly model: StationaryModel
  readonly ahtSeconds?: number
  readonly answerThresholdSeconds?: number
  readonly patienceSecondsMean?: number
  readonly lines?: number
  readonly redialRatio?: number
}

export type ModelFigures =
  | ErlangARatios
  | ErlangAFigures
  | ErlangBFigures
  | ErlangCFigures
  | ErlangXFigures
  | FiniteLinesFigures
  | FiniteLinesAbandonmentFigures

export interface ModelAnswer {
  /** null: no stationary state (Erlang X whose redials never end). */
  readonly figures: ModelFigures | null
  readonly goals: GoalFigures
}

const NEVER: GoalFigures = {
  missRatios: { SL1: 1, SL2: 1, SL3: 1, SL4: 1 },
  meanWaitSeconds: Number.POSITIVE_INFINITY,
  waitProbability: 1,
  abandonRatio: 1,
  occupancyRatio: Number.POSITIVE_INFINITY,
  blockingRatio: 1,
}

/** `agents` are the lines for Erlang B. Searches leave out the percentiles. */
export function solveModel(
  settings: ModelSettings,
  load: OfferedLoad,
  agents: number,
  purpose: 'figures' | 'search' = 'figures',
): ModelAnswer {
  const { lines = agents, answerThresholdSeconds, ahtSeconds, redialRatio = 0 } = settings
  const timed = {
    ...load,
    agents,
    ...(ahtSeconds !== undefined && { ahtSeconds }),
    ...(answerThresholdSeconds !== undefined && { answerThresholdSeconds }),
  }
  const patient = {
    ...timed,
    ahtSeconds: ahtSeconds ?? 1,
    patienceSecondsMean: settings.patienceSecondsMean ?? Number.POSITIVE_INFINITY,
  }
  switch (settings.model) {
    case 'erlang-b':
      return ofErlangB(erlangBMetrics({ offeredErlangs: load.offeredErlangs, lines: agents }))
    case 'erlang-c':
      return ofErlangC(erlangCMetrics(timed), agentsOverLoad(agents, load))
    case 'erlang-a':
      return ofErlangA(purpose === 'search' ? erlangARatios(patient) : erlangAMetrics(patient))
    case 'finite-lines':
      return ofFiniteLines(finiteLinesMetrics({ ...timed, lines }))
    case 'finite-lines-abandonment':
      return ofFiniteLinesAbandonment(finiteLinesAbandonmentMetrics({ ...patient, lines }))
    case 'erlang-x': {
      const figures = erlangXMetrics({ ...patient, redialRatio })
      return figures === null ? { figures, goals: NEVER } : ofErlangA(figures)
    }
  }
}

function sameForAll(miss: number) {
  return { SL1: miss, SL2: miss, SL3: miss, SL4: miss }
}

function ofErlangB(figures: ErlangBFigures): ModelAnswer {
  const blockingRatio = figures.blockingRatio ?? 0
  const occupancyRatio = figures.occupancyRatio ?? 0
  // Who finds a line is answered at once.
  const missRatios = sameForAll(blockingRatio)
  return {
    figures,
    goals: {
      missRatios,
      blockingRatio,
      occupancyRatio,
      meanWaitSeconds: 0,
      waitProbability: 0,
      abandonRatio: 0,
    },
  }
}

function ofErlangC(figures: ErlangCFigures, overLoad: number): ModelAnswer {
  const unstable = figures.offeredErlangs > 0 && overLoad <= 0
  return {
    figures,
    goals: {
      missRatios: sameForAll(figures.lateRatio ?? (unstable ? 1 : 0)),
      meanWaitSeconds: figures.asaSeconds ?? (unstable ? Number.POSITIVE_INFINITY : 0),
      waitProbability: figures.waitProbability,
      abandonRatio: 0,
      // The load itself, so that overload is seen as more than all of the time.
      occupancyRatio:
        figures.offeredErlangs === 0
          ? 0
          : figures.offeredErlangs / Math.max(figures.agents, Number.MIN_VALUE),
      blockingRatio: 0,
    },
  }
}

function ofErlangA(figures: ErlangARatios): ModelAnswer {
  const miss = figures.missRatios
  return {
    figures,
    goals: {
      missRatios: { SL1: miss?.SL1 ?? 0, SL2: miss?.SL2 ?? 0, SL3: miss?.SL3 ?? 0, SL4: miss?.SL4 ?? 0 },
      meanWaitSeconds: figures.asaAllSeconds ?? 0,
      waitProbability: figures.waitProbability,
      abandonRatio: figures.abandonRatio ?? 0,
      occupancyRatio: figures.occupancyRatio ?? 0,
      blockingRatio: 0,
    },
  }
}

/** Levels are promised to every caller (a blocked one is missed); waiting is a matter of those who got in. */
function ofFiniteLines(figures: FiniteLinesFigures): ModelAnswer {
  const level = figures.serviceLevelRatioOffered
  return {
    figures,
    goals: {
      missRatios: sameForAll(level === undefined || level === null ? 0 : 1 - level),
      meanWaitSeconds: figures.asaAcceptedSeconds ?? 0,
      waitProbability: figures.waitProbabilityAccepted ?? 0,
      abandonRatio: 0,
      occupancyRatio: figures.occupancyRatio ?? 0,
      blockingRatio: figures.blockingRatio ?? 0,
    },
  }
}

/** As above; a formula that is named is taken over all callers, with the blocked among the missed. */
function ofFiniteLinesAbandonment(figures: FiniteLinesAbandonmentFigures): ModelAnswer {
  const level = figures.serviceLevelRatioOffered ?? 1
  const acceptedShare = 1 - (figures.blockingRatio ?? 0)
  const abandonedWithin = acceptedShare * (figures.abandonWithinThresholdRatio ?? 0)
  return {
    figures,
    goals: {
      unnamedMissRatio: 1 - level,
      missRatios: {
        SL1: 1 - level - abandonedWithin,
        SL2: 1 - (figures.serviceLevelRatios?.SL2 ?? 1),
        SL3: 1 - level,
        SL4: abandonedWithin === 1 ? 1 : 1 - level / (1 - abandonedWithin),
      },
      meanWaitSeconds: figures.asaAcceptedSeconds ?? 0,
      waitProbability: figures.waitProbabilityAccepted ?? 0,
      abandonRatio: figures.abandonRatioAccepted ?? 0,
      occupancyRatio: figures.occupancyRatio ?? 0,
      blockingRatio: figures.blockingRatio ?? 0,
    },
  }
}
