/** The two sides of a comparison as rows of the table and lines of the chart. */
import type { ForecastComparisonBody } from '../../../server/wire/forecast-api.ts'
import type { ForecastColumn } from './columns.ts'
import { shortSideName } from './side-name.ts'

export interface ComparedLine {
  readonly name: string
  readonly values: readonly (number | null)[]
}

/** One value per interval. */
export function comparedLines(body: ForecastComparisonBody | null): readonly ComparedLine[] {
  if (body === null) return []
  return (['left', 'right'] as const).map((pick) => ({
    name: shortSideName(body[pick].side),
    values: body.intervals.map((interval) => interval[pick]),
  }))
}

/** One value per column; a column in which an interval has none has none. */
export function comparedColumns(body: ForecastComparisonBody, columns: readonly ForecastColumn[]) {
  const side = (pick: 'left' | 'right'): ComparedLine => ({
    name: shortSideName(body[pick].side),
    values: columns.map((column) => {
      const values = column.indexes.map((index) => body.intervals[index]?.[pick] ?? null)
      return values.includes(null) ? null : values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
    }),
  })
  return { left: side('left'), right: side('right') }
}
