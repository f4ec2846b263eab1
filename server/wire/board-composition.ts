/** A board as somebody composed it: pages of tiles, each over some queues, with its thresholds. Shared by server and page. */
import type { BoardSliceName } from './board.ts'

export type BoardScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'client'; readonly clientId: string }
  /** The team's agents, and the queues that they are members of. */
  | { readonly kind: 'team'; readonly teamId: string }
  /** In this order. */
  | { readonly kind: 'queues'; readonly queueIds: readonly string[] }

/** One figure that a tile can show large. `worse`: which way is bad, so that thresholds can be put in order. */
export const FIGURE_MEASURES = {
  'level-now': { unit: 'ratio', worse: 'lower' },
  'level-half-hour': { unit: 'ratio', worse: 'lower' },
  'level-today': { unit: 'ratio', worse: 'lower' },
  waiting: { unit: 'count', worse: 'higher' },
  'longest-wait': { unit: 'seconds', worse: 'higher' },
  arrivals: { unit: 'count', worse: 'higher' },
  abandoned: { unit: 'count', worse: 'higher' },
  'abandoned-share': { unit: 'ratio', worse: 'higher' },
  asa: { unit: 'seconds', worse: 'higher' },
  aht: { unit: 'seconds', worse: 'higher' },
  occupancy: { unit: 'ratio', worse: 'higher' },
  free: { unit: 'count', worse: 'lower' },
  staffed: { unit: 'count', worse: 'lower' },
  'heads-missing': { unit: 'count', worse: 'higher' },
  'projected-level': { unit: 'ratio', worse: 'lower' },
  'misses-left': { unit: 'count', worse: 'lower' },
} as const satisfies Readonly<
  Record<string, { readonly unit: 'ratio' | 'count' | 'seconds'; readonly worse: 'lower' | 'higher' }>
>
export type FigureMeasure = keyof typeof FIGURE_MEASURES

/**
 * The kinds of tile. `slices`: what of the board beyond the rows of queues the tile needs, so that the server sends a
 * board no more than it shows. A new kind is a line here and a component in web/src/board/tiles.ts.
 */
export const TILE_KINDS = {
  figure: { slices: [] },
  queues: { slices: [] },
  coverage: { slices: [] },
  'agent-states': { slices: [] },
  agents: { slices: ['agents'] },
  intervals: { slices: ['intervals', 'notes'] },
  sparkline: { slices: ['intervals'] },
  strip: { slices: ['notes'] },
  sources: { slices: [] },
  ahead: { slices: ['ahead'] },
  alerts: { slices: ['alerts'] },
  notes: { slices: ['notes'] },
  'month-to-date': { slices: ['months'] },
} as const satisfies Readonly<Record<string, { readonly slices: readonly BoardSliceName[] }>>
export type TileKind = keyof typeof TILE_KINDS

/** Where green ends and amber ends, in the measure's own unit; amber always lies between. */
export interface TileThresholds {
  readonly amberFrom: number
  readonly redFrom: number
}

/** Columns of the table of queues that may have thresholds: each is a measure, queue by queue. */
export const TABLE_MEASURES = [
  'level-half-hour',
  'level-today',
  'waiting',
  'longest-wait',
  'free',
  'heads-missing',
  'projected-level',
  'misses-left',
] as const satisfies readonly FigureMeasure[]
export type TableMeasure = (typeof TABLE_MEASURES)[number]
export type ColumnThresholds = { readonly [Measure in TableMeasure]?: TileThresholds }

export interface BoardTile {
  /** Unique on its board. */
  readonly id: string
  readonly kind: TileKind
  /** What a `figure` shows; null for every other kind. */
  readonly measure: FigureMeasure | null
  /** Empty = the tile's own heading. */
  readonly title: string
  readonly scope: BoardScope
  /** Null = the contract decides on levels, and nothing else is coloured. */
  readonly thresholds: TileThresholds | null
  /** Of a table of queues alone; what is not named follows the promise of each queue. */
  readonly columnThresholds?: ColumnThresholds
  /** Of twelve columns and twelve rows. */
  readonly columns: number
  readonly rows: number
}

export interface BoardPage {
  readonly id: string
  readonly title: string
  readonly tiles: readonly BoardTile[]
}

export type BoardSize = 'desk' | 'room' | 'hall'
export const BOARD_SIZES: readonly BoardSize[] = ['desk', 'room', 'hall']

export interface BoardComposition {
  readonly name: string
  readonly theme: 'dark' | 'light'
  /** Null = the viewer's own. */
  readonly locale: 'en' | 'fr' | null
  readonly size: BoardSize
  /** Seconds a page stays; 0 = pages turn by hand only. */
  readonly rotationSeconds: number
  /** Whether agents are named to those who watch by a link. The staff see names anyway, a client never does. */
  readonly namesOnLinks: boolean
  readonly pages: readonly BoardPage[]
}

export const PAGES_MAX = 12
export const TILES_PER_PAGE_MAX = 24
export const TILE_COLUMNS = 12
export const TILE_ROWS_MAX = 12
export const ROTATION_SECONDS_MIN = 5
export const ROTATION_SECONDS_MAX = 600
export const BOARD_TEXT_MAX = 80

/** One version of a board. `body` null = deleted; every earlier version is kept. */
export interface BoardVersion {
  readonly boardId: string
  readonly version: number
  readonly changedAtMs: number
  readonly changedBy: string
  readonly body: BoardComposition | null
}

/** A read-only way in for a screen. Its secret is told once, when it is made. */
export interface BoardLink {
  readonly linkId: string
  readonly boardId: string
  readonly label: string
  readonly createdAtMs: number
  readonly createdBy: string
  /** When a screen exchanged the secret for its cookie; null = the link still waits for one. */
  readonly openedAtMs: number | null
  readonly lastUsedAtMs: number | null
}

/** POST /api/v1/boards/:id/links */
export interface NewBoardLink extends BoardLink {
  /** Path with the secret behind the #, which no server log sees. */
  readonly path: string
}

/** What of the board its tiles need, in one order, so that boards that need the same share one computation. */
export interface BoardNeed {
  readonly scopes: readonly BoardScope[]
  readonly slices: readonly BoardSliceName[]
}

export const WHOLE_BOARD: BoardNeed = { scopes: [{ kind: 'all' }], slices: [] }

export function needOf(composition: BoardComposition): BoardNeed {
  const scopes = new Map<string, BoardScope>()
  const slices = new Set<BoardSliceName>()
  for (const { tiles } of composition.pages)
    for (const { kind, scope } of tiles) {
      const sorted: BoardScope =
        scope.kind === 'queues' ? { kind: 'queues', queueIds: [...scope.queueIds].sort() } : scope
      scopes.set(JSON.stringify(sorted), sorted)
      for (const slice of TILE_KINDS[kind].slices) slices.add(slice)
      // Which queues a team has is told by its agents; the states of some agents are counted one by one.
      if (scope.kind === 'team' || (kind === 'agent-states' && scope.kind !== 'all')) slices.add('agents')
    }
  const all: BoardScope = { kind: 'all' }
  const everything = scopes.has(JSON.stringify(all))
  const kept = [...scopes].filter(([, scope]) => !everything || scope.kind === 'all' || scope.kind === 'team')
  return {
    scopes: kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, scope]) => scope),
    // Alerts and the look-ahead have their place on every board.
    slices: [...slices.add('alerts').add('ahead')].sort(),
  }
}
