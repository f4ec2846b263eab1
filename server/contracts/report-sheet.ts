/** A small drawing surface over pdfkit for the day report: A4 columns, rules, tables and bars, with the report's type scale. */
import PDFDocument from 'pdfkit'
import { ReportType, type TypeStyle } from './report-type.ts'

export const PAGE = { left: 44, right: 551, top: 40, bottom: 790, width: 507 } as const
export const INK = '#1a2433'
export const QUIET = '#5b6879'
export const RULE = '#d5dbe3'
export const STATUS_INK = {
  kept: '#0a7a57',
  limit: '#9a6500',
  missed: '#c2410c',
  'no-calls': '#5b6879',
} as const
const STATUS_GROUND = { kept: '#e3f4ee', limit: '#fbf1dc', missed: '#fbe9e0', 'no-calls': '#eef1f5' } as const
export type SheetStatus = keyof typeof STATUS_INK

export interface SheetColumn {
  readonly title: string
  readonly width: number
  readonly align: 'left' | 'right'
}
export interface SheetCell {
  readonly text: string
  readonly color?: string
  readonly bold?: boolean
}

/** From the top of a line to its baseline, in parts of the type size. */
const BASELINE = 0.78
/** From line to line of running text, in parts of the type size. */
const LEADING = 1.4

export class ReportSheet {
  readonly doc: PDFKit.PDFDocument
  y: number = PAGE.top
  readonly #type: ReportType
  readonly #chunks: Buffer[] = []
  readonly #done: Promise<Buffer>

  constructor(title: string) {
    // No creation date of the machine's clock: the same report prints to the same bytes.
    this.doc = new PDFDocument({
      size: 'A4',
      margin: 0,
      bufferPages: true,
      info: { Title: title, Producer: 'Vigie', Creator: 'Vigie', CreationDate: new Date(0) },
    })
    this.#type = new ReportType(this.doc)
    this.#done = new Promise((resolve, reject) => {
      this.doc.on('data', (chunk: Buffer) => this.#chunks.push(chunk))
      this.doc.on('end', () => resolve(Buffer.concat(this.#chunks)))
      this.doc.on('error', reject)
    })
  }

  newPage(): void {
    this.doc.addPage({ size: 'A4', margin: 0 })
    this.y = PAGE.top
  }

  /** Starts a new page when fewer than `height` points are left. */
  ensure(height: number): void {
    if (this.y + height > PAGE.bottom) this.newPage()
  }

  /** Running text, in as many lines as the width asks for; tells how high it stands. */
  text(
    text: string,
    x: number,
    y: number,
    options: Partial<TypeStyle> & {
      color?: string
      width?: number
      align?: 'left' | 'right' | 'center'
    } = {},
  ): number {
    const { size = 9, bold = false, color = INK, width, align = 'left' } = options
    const style = { size, bold }
    const lines = width === undefined ? [text] : this.#type.lines(text, width, style)
    lines.forEach((line, index) => {
      const spare = width === undefined || align === 'left' ? 0 : width - this.#type.width(line, style)
      const at = x + (align === 'center' ? spare / 2 : spare)
      this.#type.draw(line, at, y + size * (BASELINE + index * LEADING), { ...style, color })
    })
    return lines.length * size * LEADING
  }

  /** One line in a column, cut with an ellipsis where it does not fit. */
  line(
    text: string,
    x: number,
    y: number,
    width: number,
    cell: Omit<SheetCell, 'text'> & { align: 'left' | 'right'; size?: number },
  ): void {
    const style = { size: cell.size ?? 9, bold: cell.bold ?? false }
    const shown = this.#type.fitted(text, width, style)
    const at = cell.align === 'right' ? x + width - this.#type.width(shown, style) : x
    this.#type.draw(shown, at, y + style.size * BASELINE, { ...style, color: cell.color ?? INK })
  }

  rule(x: number, y: number, width: number, color: string = RULE, thickness = 0.6): void {
    this.doc
      .moveTo(x, y)
      .lineTo(x + width, y)
      .lineWidth(thickness)
      .strokeColor(color)
      .stroke()
  }

  heading(text: string): void {
    this.ensure(60)
    this.text(text, PAGE.left, this.y, { size: 11, bold: true })
    this.y += 20
  }

  badge(text: string, x: number, y: number, status: SheetStatus): void {
    const width = this.#type.width(text, { size: 10, bold: true }) + 16
    this.doc.roundedRect(x, y, width, 20, 5).fill(STATUS_GROUND[status])
    this.doc.roundedRect(x, y, width, 20, 5).lineWidth(0.6).strokeColor(STATUS_INK[status]).stroke()
    this.text(text, x + 8, y + 5, { size: 10, bold: true, color: STATUS_INK[status] })
  }

  table(
    columns: readonly SheetColumn[],
    rows: readonly (readonly SheetCell[])[],
    x: number = PAGE.left,
  ): void {
    const head = () => {
      let at = x
      for (const column of columns) {
        this.line(
          column.title.charAt(0).toUpperCase() + column.title.slice(1),
          at,
          this.y,
          column.width - 6,
          { align: column.align, color: QUIET, size: 8 },
        )
        at += column.width
      }
      this.y += 13
      this.rule(x, this.y - 2, at - x - 6)
    }
    this.ensure(40)
    head()
    for (const row of rows) {
      if (this.y + 16 > PAGE.bottom) {
        this.newPage()
        head()
      }
      let at = x
      columns.forEach((column, index) => {
        const cell = row[index]
        if (cell !== undefined)
          this.line(cell.text, at, this.y + 2, column.width - 6, { ...cell, align: column.align })
        at += column.width
      })
      this.y += 16
      this.rule(x, this.y - 2, at - x - 6, '#e8ecf1')
    }
  }

  /** Bars of ratios 0…1 over days, with the target as a dashed line; a day without calls is a gap. */
  bars(
    values: readonly { readonly label: string; readonly ratio: number | null; readonly kept: boolean }[],
    target: { readonly ratio: number; readonly label: string },
    height: number,
  ): void {
    this.ensure(height + 24)
    const top = this.y
    const step = (PAGE.width - 40) / Math.max(values.length, 1)
    const yOf = (ratio: number) => top + height * (1 - Math.max(0, Math.min(1, ratio)))
    values.forEach((value, index) => {
      if (value.ratio === null) return
      const x = PAGE.left + 40 + index * step
      const y = yOf(value.ratio)
      const isLast = index === values.length - 1
      const [keptGround, missedGround] = isLast
        ? [STATUS_INK.kept, STATUS_INK.missed]
        : ['#98d3bd', '#e08a63']
      const ground = value.kept ? keptGround : missedGround
      this.doc.rect(x, y, step * 0.7, top + height - y).fill(ground)
      // Black and white print: a missed day carries a cross below its bar.
      if (!value.kept) this.text('×', x, top + height + 1, { size: 7, width: step * 0.7, align: 'center' })
    })
    this.doc.dash(3, { space: 3 })
    this.rule(PAGE.left, yOf(target.ratio), PAGE.width, QUIET, 0.8)
    this.doc.undash()
    this.text(target.label, PAGE.left, yOf(target.ratio) - 11, { size: 8, color: QUIET })
    const first = values[0]
    const last = values.at(-1)
    if (first !== undefined)
      this.text(first.label, PAGE.left + 40, top + height + 9, { size: 7, color: QUIET })
    if (last !== undefined)
      this.text(last.label, PAGE.right - 100, top + height + 9, {
        size: 7,
        color: QUIET,
        width: 100,
        align: 'right',
      })
    this.y = top + height + 26
  }

  /** Writes every page's foot and closes the document. */
  finish(foot: (page: number, pages: number) => { left: string; right: string }): Promise<Buffer> {
    const { start, count } = this.doc.bufferedPageRange()
    for (let index = 0; index < count; index += 1) {
      this.doc.switchToPage(start + index)
      const { left, right } = foot(index + 1, count)
      this.rule(PAGE.left, 802, PAGE.width)
      this.line(left, PAGE.left, 809, PAGE.width - 60, { align: 'left', size: 7.5, color: QUIET })
      this.line(right, PAGE.right - 50, 809, 50, { align: 'right', size: 7.5, color: QUIET })
    }
    this.doc.end()
    return this.#done
  }
}
