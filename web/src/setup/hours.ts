/** Opening hours of a day as text, and back: `08:00-12:00, 13:00-20:00`; empty = closed. Pure. */
export type Spans = readonly (readonly [fromMinute: number, toMinute: number])[]

export function formatSpans(spans: Spans): string {
  return spans.map(([from, to]) => `${clock(from)}-${clock(to)}`).join(', ')
}

/** Undefined when the text says no hours, or hours out of order. */
export function parseSpans(text: string): Spans | undefined {
  if (text.trim() === '') return []
  const spans: (readonly [number, number])[] = []
  let earliest = 0
  for (const part of text.split(/[,;]/)) {
    const found = /^\s*(\d{1,2})(?:[:h](\d{2})?)?\s*[-–—]\s*(\d{1,2})(?:[:h](\d{2})?)?\s*$/i.exec(part)
    if (found === null) return undefined
    const from = Number(found[1]) * 60 + Number(found[2] ?? 0)
    const to = Number(found[3]) * 60 + Number(found[4] ?? 0)
    if (
      Number(found[2] ?? 0) > 59 ||
      Number(found[4] ?? 0) > 59 ||
      from < earliest ||
      to <= from ||
      to > 1440
    )
      return undefined
    spans.push([from, to])
    earliest = to
  }
  return spans
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}
