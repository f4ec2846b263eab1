/** Changes to a composition: each takes one and gives another. Pure, so that undo is to keep the old one. */
import {
  type BoardComposition,
  type BoardPage,
  type BoardTile,
  FIGURE_MEASURES,
  PAGES_MAX,
  type TableMeasure,
  TILE_COLUMNS,
  TILE_ROWS_MAX,
  TILES_PER_PAGE_MAX,
  type TileKind,
  type TileThresholds,
} from '../../../../server/wire/board-composition.ts'

/** Sizes that suit a new tile of a kind. */
const SIZES: Readonly<Record<TileKind, readonly [columns: number, rows: number]>> = {
  figure: [3, 3],
  queues: [12, 8],
  coverage: [6, 5],
  'agent-states': [6, 3],
  agents: [6, 6],
  intervals: [8, 7],
  sparkline: [6, 3],
  strip: [6, 3],
  sources: [4, 3],
  ahead: [12, 5],
  alerts: [6, 3],
  notes: [6, 3],
  'month-to-date': [6, 4],
}

export function newTile(kind: TileKind, id: string): BoardTile {
  const [columns, rows] = SIZES[kind]
  return {
    id,
    kind,
    measure: kind === 'figure' ? 'level-half-hour' : null,
    title: '',
    scope: { kind: 'all' },
    thresholds: null,
    columns,
    rows,
  }
}

/** What a new board starts with: the default board, as tiles. */
export function newBoard(name: string, newId: () => string): BoardComposition {
  const tile = (kind: TileKind, more: Partial<BoardTile> = {}): BoardTile => ({
    ...newTile(kind, newId()),
    ...more,
  })
  return {
    name,
    theme: 'dark',
    locale: null,
    size: 'room',
    rotationSeconds: 0,
    namesOnLinks: false,
    pages: [
      {
        id: newId(),
        title: '',
        tiles: [
          tile('queues', { rows: 9 }),
          tile('agent-states', { columns: 4 }),
          tile('strip', { columns: 5 }),
          tile('sources', { columns: 3 }),
        ],
      },
    ],
  }
}

export function copyOf(board: BoardComposition, name: string): BoardComposition {
  return { ...board, name }
}

function changePage(
  board: BoardComposition,
  pageIndex: number,
  change: (page: BoardPage) => BoardPage,
): BoardComposition {
  return { ...board, pages: board.pages.map((page, index) => (index === pageIndex ? change(page) : page)) }
}

export function changePageTitle(board: BoardComposition, pageIndex: number, title: string): BoardComposition {
  return changePage(board, pageIndex, (page) => ({ ...page, title }))
}

export function addPage(board: BoardComposition, id: string): BoardComposition {
  if (board.pages.length >= PAGES_MAX) return board
  return { ...board, pages: [...board.pages, { id, title: '', tiles: [] }] }
}

/** A board keeps one page at least. */
export function removePage(board: BoardComposition, pageIndex: number): BoardComposition {
  if (board.pages.length <= 1) return board
  return { ...board, pages: board.pages.filter((_, index) => index !== pageIndex) }
}

export function addTile(board: BoardComposition, pageIndex: number, tile: BoardTile): BoardComposition {
  return changePage(board, pageIndex, (page) =>
    page.tiles.length >= TILES_PER_PAGE_MAX ? page : { ...page, tiles: [...page.tiles, tile] },
  )
}

export function removeTile(board: BoardComposition, tileId: string): BoardComposition {
  return {
    ...board,
    pages: board.pages.map((page) => ({ ...page, tiles: page.tiles.filter(({ id }) => id !== tileId) })),
  }
}

export function changeTile(
  board: BoardComposition,
  tileId: string,
  change: Partial<BoardTile>,
): BoardComposition {
  return {
    ...board,
    pages: board.pages.map((page) => ({
      ...page,
      tiles: page.tiles.map((tile) => (tile.id === tileId ? settled({ ...tile, ...change }) : tile)),
    })),
  }
}

/** Keeps what depends on one another in step: only a figure has a measure, thresholds belong to one measure. */
function settled({ columnThresholds, ...tile }: BoardTile): BoardTile {
  const measure = tile.kind === 'figure' ? (tile.measure ?? 'level-half-hour') : null
  return {
    ...tile,
    ...(tile.kind === 'queues' && columnThresholds !== undefined ? { columnThresholds } : {}),
    measure,
    thresholds: measure === null ? null : tile.thresholds,
    columns: clamp(tile.columns, TILE_COLUMNS),
    rows: clamp(tile.rows, TILE_ROWS_MAX),
  }
}

/** Null: the column follows the promises again. */
export function changeColumn(
  tile: BoardTile,
  column: TableMeasure,
  thresholds: TileThresholds | null,
): Pick<BoardTile, 'columnThresholds'> {
  const { [column]: _before, ...others } = tile.columnThresholds ?? {}
  return { columnThresholds: thresholds === null ? others : { ...others, [column]: thresholds } }
}

function clamp(value: number, max: number): number {
  return Math.min(max, Math.max(1, Math.round(value)))
}

/** Moves a tile by so many places on its page; at an end it stays. */
export function moveTile(board: BoardComposition, tileId: string, by: number): BoardComposition {
  return placeTile(board, tileId, placeOf(board, tileId) + by)
}

export function placeOf(board: BoardComposition, tileId: string): number {
  const page = board.pages.find(({ tiles }) => tiles.some(({ id }) => id === tileId))
  return page?.tiles.findIndex(({ id }) => id === tileId) ?? -1
}

export function placeTile(board: BoardComposition, tileId: string, place: number): BoardComposition {
  return {
    ...board,
    pages: board.pages.map((page) => {
      const tile = page.tiles.find(({ id }) => id === tileId)
      if (tile === undefined) return page
      const others = page.tiles.filter(({ id }) => id !== tileId)
      const at = Math.min(others.length, Math.max(0, place))
      return { ...page, tiles: [...others.slice(0, at), tile, ...others.slice(at)] }
    }),
  }
}

/** Thresholds to begin with, in the order that the measure asks for. */
export function firstThresholds(measure: keyof typeof FIGURE_MEASURES): {
  readonly amberFrom: number
  readonly redFrom: number
} {
  const { unit, worse } = FIGURE_MEASURES[measure]
  const [good, bad] = unit === 'ratio' ? [0.8, 0.75] : unit === 'seconds' ? [20, 60] : [5, 10]
  return worse === 'lower'
    ? { amberFrom: Math.max(good, bad), redFrom: Math.min(good, bad) }
    : { amberFrom: Math.min(good, bad), redFrom: Math.max(good, bad) }
}
