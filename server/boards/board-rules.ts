/** What is wrong with a composition whose shape is right: pointers into it, and what to do. */
import {
  type BoardComposition,
  type BoardTile,
  FIGURE_MEASURES,
  type FigureMeasure,
  ROTATION_SECONDS_MAX,
  ROTATION_SECONDS_MIN,
  TABLE_MEASURES,
  type TileThresholds,
} from '../wire/board-composition.ts'

export interface BoardProblem {
  readonly pointer: string
  readonly detail: string
}

export function boardProblems(board: BoardComposition): readonly BoardProblem[] {
  const problems: BoardProblem[] = []
  const say = (pointer: string, detail: string) => problems.push({ pointer, detail })
  if (board.name.trim() === '') say('/name', 'must not be empty')
  const { rotationSeconds } = board
  if (
    rotationSeconds !== 0 &&
    (rotationSeconds < ROTATION_SECONDS_MIN || rotationSeconds > ROTATION_SECONDS_MAX)
  )
    say(
      '/rotationSeconds',
      `must be 0 (turned by hand) or ${ROTATION_SECONDS_MIN} to ${ROTATION_SECONDS_MAX}`,
    )
  const pageIds = new Set<string>()
  const tileIds = new Set<string>()
  for (const [pageIndex, page] of board.pages.entries()) {
    const at = `/pages/${pageIndex}`
    if (pageIds.has(page.id)) say(`${at}/id`, `"${page.id}" is the id of another page`)
    pageIds.add(page.id)
    for (const [tileIndex, tile] of page.tiles.entries()) {
      const tileAt = `${at}/tiles/${tileIndex}`
      if (tileIds.has(tile.id)) say(`${tileAt}/id`, `"${tile.id}" is the id of another tile`)
      tileIds.add(tile.id)
      problems.push(...tileProblems(tile, tileAt))
    }
  }
  return problems
}

function tileProblems(tile: BoardTile, at: string): readonly BoardProblem[] {
  const { kind, measure, thresholds, columnThresholds = {}, scope } = tile
  const problems: BoardProblem[] = []
  if (scope.kind === 'queues' && scope.queueIds.length === 0)
    problems.push({ pointer: `${at}/scope/queueIds`, detail: 'names no queue' })
  if (scope.kind === 'queues' && new Set(scope.queueIds).size !== scope.queueIds.length)
    problems.push({ pointer: `${at}/scope/queueIds`, detail: 'names a queue twice' })
  if (kind === 'figure' && measure === null)
    problems.push({ pointer: `${at}/measure`, detail: 'a figure needs a measure' })
  if (kind !== 'figure' && measure !== null)
    problems.push({ pointer: `${at}/measure`, detail: 'only a figure has a measure' })
  if (kind !== 'queues' && tile.columnThresholds !== undefined)
    problems.push({ pointer: `${at}/columnThresholds`, detail: 'only a table of queues has columns' })
  for (const column of TABLE_MEASURES) {
    const own = columnThresholds[column]
    if (own !== undefined)
      problems.push(...thresholdProblems(column, own, `${at}/columnThresholds/${column}`))
  }
  if (thresholds === null) return problems
  if (kind !== 'figure' || measure === null)
    return [...problems, { pointer: `${at}/thresholds`, detail: 'only a figure has thresholds' }]
  return [...problems, ...thresholdProblems(measure, thresholds, `${at}/thresholds`)]
}

function thresholdProblems(
  measure: FigureMeasure,
  { amberFrom, redFrom }: TileThresholds,
  at: string,
): readonly BoardProblem[] {
  const problems: BoardProblem[] = []
  const { unit, worse } = FIGURE_MEASURES[measure]
  for (const [field, value] of [
    ['amberFrom', amberFrom],
    ['redFrom', redFrom],
  ] as const)
    if (unit === 'ratio' && (value < 0 || value > 1))
      problems.push({ pointer: `${at}/${field}`, detail: 'must be a ratio from 0 to 1' })
  // Amber always lies between: nothing may jump from green to red.
  if (worse === 'higher' ? redFrom <= amberFrom : redFrom >= amberFrom)
    problems.push({
      pointer: `${at}/redFrom`,
      detail: `must be ${worse === 'higher' ? 'above' : 'below'} amberFrom, so that amber lies between`,
    })
  return problems
}
