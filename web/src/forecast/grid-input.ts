/** What people type and paste into the grid: counts with a decimal point or comma, with or without groups of thousands. Pure. */
import type { Locale } from '../../../server/messages/message.ts'

const VALUE_MAX = 10_000_000

/** A non-negative number; undefined when the text is none. `1,234` is a group of thousands to an English reader, decimals to a French one. */
export function parseAmount(text: string, locale: Locale): number | undefined {
  const plain = text.trim().replace(/[\s\u00a0\u202f']/g, '')
  if (locale === 'en' && /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain))
    return bounded(Number(plain.replaceAll(',', '')))
  if (!/^\d{1,9}([.,]\d{1,6})?$/.test(plain)) return undefined
  return bounded(Number(plain.replace(',', '.')))
}

/** As above, with a sign in front: for amounts to add and per cent. */
export function parseSigned(text: string, locale: Locale): number | undefined {
  const plain = text.trim().replace(/^[−–]/, '-')
  const sign = plain.startsWith('-') ? -1 : 1
  const amount = parseAmount(plain.replace(/^[-+]\s*/, ''), locale)
  return amount === undefined ? undefined : sign * amount
}

function bounded(value: number): number | undefined {
  return value <= VALUE_MAX ? value : undefined
}

export interface PastedRows {
  /** Rows of cells; null = an empty cell, which is left as it is. */
  readonly rows: readonly (readonly (number | null)[])[]
  /** The first cell that is no number, counted from 1; nothing is taken then. */
  readonly wrong: { readonly row: number; readonly column: number; readonly text: string } | null
}

/** A copied block of a spreadsheet. A single copied column fills to the right as well: here time runs from left to right. */
export function parsePaste(text: string, locale: Locale): PastedRows {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n')
  const rows: (number | null)[][] = []
  for (const [row, line] of lines.entries()) {
    const cells: (number | null)[] = []
    for (const [column, cell] of line.split(/[\t;]/).entries()) {
      const value = cell.trim() === '' ? null : parseAmount(cell, locale)
      if (value === undefined)
        return { rows: [], wrong: { row: row + 1, column: column + 1, text: cell.trim() } }
      cells.push(value)
    }
    rows.push(cells)
  }
  const isColumn = rows.length > 1 && rows.every((cells) => cells.length === 1)
  return { rows: isColumn ? [rows.flat()] : rows, wrong: null }
}
