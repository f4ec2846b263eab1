/** What stands behind a figure that counts no contacts: the agents it counts, or how the rest of the day was computed. */
import { getContext, setContext } from 'svelte'
import type { FigureMeasure } from '../../../server/wire/board-composition.ts'

export type AgentMeasure = Extract<FigureMeasure, 'free' | 'staffed' | 'heads-missing' | 'occupancy'>

export type Shown =
  | {
      readonly kind: 'agents'
      readonly measure: AgentMeasure
      readonly title: string
      readonly queueIds: readonly string[]
    }
  | { readonly kind: 'ahead'; readonly queueIds: readonly string[] }

const KEY = 'behind-figures'

/** One window a board: what it shows goes on with the board's figures while it is open. */
export class BehindFigures {
  shown = $state.raw<Shown | null>(null)

  open(measure: FigureMeasure, title: string, queueIds: readonly string[]): void {
    if (isAgentMeasure(measure)) this.shown = { kind: 'agents', measure, title, queueIds }
    else if (measure === 'projected-level') this.shown = { kind: 'ahead', queueIds }
  }

  close(): void {
    this.shown = null
  }
}

export function isAgentMeasure(measure: FigureMeasure): measure is AgentMeasure {
  return measure === 'free' || measure === 'staffed' || measure === 'heads-missing' || measure === 'occupancy'
}

export function provideBehind(): BehindFigures {
  return setContext(KEY, new BehindFigures())
}

/** Undefined where figures stand without a board around them, as those of a past moment do. */
export function behindFigures(): BehindFigures | undefined {
  return getContext<BehindFigures | undefined>(KEY)
}
