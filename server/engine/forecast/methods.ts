// The methods that stand beside each other: the main model and plain ones, each as a source of means.

import type { DayModel } from './day-model.ts'
import { type MeanSource, mainSource } from './mean-source.ts'
import type { PreparedSeries } from './prepare.ts'
import type { ProfileBook } from './profile.ts'

export type MethodName = 'main'

export interface MethodParts {
  readonly series: PreparedSeries
  readonly model: DayModel
  readonly profiles: ProfileBook
}

export function methodSource(_name: MethodName, parts: MethodParts): MeanSource {
  return mainSource(parts.series, parts.model, parts.profiles)
}
