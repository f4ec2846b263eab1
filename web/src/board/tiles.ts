/** Which component shows a kind of tile. A new kind is a line here and one in server/wire/board-composition.ts. */
import type { Component } from 'svelte'
import type { Board, BoardAgentRow, BoardQueueRow } from '../../../server/wire/board.ts'
import type { BoardTile, TileKind } from '../../../server/wire/board-composition.ts'
import AgentStatesTile from './tiles/AgentStatesTile.svelte'
import AgentsTile from './tiles/AgentsTile.svelte'
import AheadTile from './tiles/AheadTile.svelte'
import AlertsTile from './tiles/AlertsTile.svelte'
import CoverageTile from './tiles/CoverageTile.svelte'
import FigureTile from './tiles/FigureTile.svelte'
import IntervalsTile from './tiles/IntervalsTile.svelte'
import MonthTile from './tiles/MonthTile.svelte'
import NotesTile from './tiles/NotesTile.svelte'
import QueuesTile from './tiles/QueuesTile.svelte'
import SourcesTile from './tiles/SourcesTile.svelte'
import SparklineTile from './tiles/SparklineTile.svelte'
import StripTile from './tiles/StripTile.svelte'

/** What every tile is given: itself, the whole board, and of the board what is in its scope. */
export interface TileProps {
  readonly tile: BoardTile
  readonly board: Board
  readonly rows: readonly BoardQueueRow[]
  readonly agents: readonly BoardAgentRow[]
  readonly nowMs: number
  readonly roundTripMs: number | null
  /** The tile's heading, already in words. */
  readonly title: string
  /** Whether somebody sits before the board who can press things. */
  readonly pressable: boolean
}

export const TILE_COMPONENTS: Readonly<Record<TileKind, Component<TileProps>>> = {
  figure: FigureTile,
  queues: QueuesTile,
  coverage: CoverageTile,
  'agent-states': AgentStatesTile,
  agents: AgentsTile,
  intervals: IntervalsTile,
  sparkline: SparklineTile,
  strip: StripTile,
  sources: SourcesTile,
  ahead: AheadTile,
  alerts: AlertsTile,
  notes: NotesTile,
  'month-to-date': MonthTile,
}
