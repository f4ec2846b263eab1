/** Round grid values for an axis from zero. Pure. */

/** At most `linesMax` steps of 1, 2, 2.5 or 5 × 10^k that cover `highest`. */
export function gridSteps(highest: number, linesMax = 4): readonly number[] {
  const top = Math.max(1, highest)
  const magnitude = 10 ** Math.floor(Math.log10(top / linesMax))
  const step = [1, 2, 2.5, 5, 10].map((n) => n * magnitude).find((size) => top / size <= linesMax) ?? top
  const whole = step < 1 ? 1 : step
  return Array.from({ length: Math.ceil(top / whole - 1e-9) + 1 }, (_, index) => index * whole)
}

/** SVG path through points; null breaks the line: a missing value is a gap. */
export function linePath(points: readonly (readonly [number, number] | null)[]): string {
  let path = ''
  let pen = false
  for (const point of points) {
    if (point !== null) path += `${pen ? 'L' : 'M'}${round(point[0])} ${round(point[1])}`
    pen = point !== null
  }
  return path
}

/** Steps: each value holds from its left edge to the next one's. */
export function stepPath(edges: readonly number[], ys: readonly number[]): string {
  let path = ''
  ys.forEach((y, index) => {
    path += `${index === 0 ? 'M' : 'L'}${round(edges[index] ?? 0)} ${round(y)}L${round(edges[index + 1] ?? 0)} ${round(y)}`
  })
  return path
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
