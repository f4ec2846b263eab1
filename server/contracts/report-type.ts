/** Type on the sheet: Inter, with Arabic and Hebrew set in their own fonts, joined, and in the order in which they are read. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { visualPieces } from './bidi.ts'

const require = createRequire(import.meta.url)
/** Of a font only what is used here: it goes to pdfkit, which takes an opened one for a file. */
type OpenedFont = PDFKit.Mixins.PDFFontSource & {
  readonly characterSet: readonly number[]
  glyphForCodePoint(codePoint: number): object
  createSubset(): object
}
const fontkit = require('fontkit') as { create(file: Buffer): OpenedFont }
const ofInter = (name: string) => () => require.resolve(`@expo-google-fonts/inter/${name}`)
const beside = (name: string, file: string) => () => join(require.resolve(name), '../../fonts', file)

const FONTS = {
  inter: ofInter('400Regular/Inter_400Regular.ttf'),
  'inter-bold': ofInter('600SemiBold/Inter_600SemiBold.ttf'),
  arabic: beside('@embedpdf/fonts-arabic', 'NotoNaskhArabic-Regular.ttf'),
  'arabic-bold': beside('@embedpdf/fonts-arabic', 'NotoNaskhArabic-Bold.ttf'),
  hebrew: beside('@embedpdf/fonts-hebrew', 'NotoSansHebrew-Regular.ttf'),
  'hebrew-bold': beside('@embedpdf/fonts-hebrew', 'NotoSansHebrew-Bold.ttf'),
} as const
type Family = 'inter' | 'arabic' | 'hebrew'

export interface TypeStyle {
  readonly size: number
  readonly bold: boolean
}

interface SetPiece {
  readonly text: string
  readonly font: keyof typeof FONTS
}

/** Digits of one width, so that columns of figures stand under each other; not in figures that are titles. */
const FEATURES: PDFKit.Mixins.OpenTypeFeatures[] = ['tnum']
const ELLIPSIS = '…'
/** Signs that Inter has; of other scripts none of the fonts has any. */
const INTER = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]/u
const ARABIC = /[\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\ufb50-\ufdff\ufe70-\ufefc]/
const HEBREW = /[\u0590-\u05ff\ufb1d-\ufb4f]/
const TITLE_SIZE = 20
const opened = new Map<string, OpenedFont>()
/**
 * Latin, Greek, punctuation: of signs that share a drawing (ι and ɩ, ’ and ʼ, the two spaces) the one that copied text shall
 * have, whatever was printed before: the same report prints to the same bytes.
 */
const COMMON_SIGNS = [
  [0x20, 0x17f],
  [0x370, 0x3ff],
  [0x2000, 0x206f],
] as const
/** Widths at size 1 by font and text: laying out a word costs far more than finding it, and reports repeat their words. */
const widths = new Map<string, number>()
const WIDTHS_MAX = 20_000
const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })

export class ReportType {
  readonly #doc: PDFKit.PDFDocument

  constructor(doc: PDFKit.PDFDocument) {
    this.#doc = doc
    for (const [name, path] of Object.entries(FONTS)) {
      const font = opened.get(name) ?? open(path())
      opened.set(name, font)
      doc.registerFont(name, font)
    }
  }

  width(text: string, style: TypeStyle): number {
    return piecesOf(text, style.bold).reduce((sum, piece) => sum + this.#widthOf(piece, style.size), 0)
  }

  /** The text, or as many of its first letters as go into the width with an ellipsis behind them. */
  fitted(text: string, width: number, style: TypeStyle): string {
    if (this.width(text, style) <= width) return text
    const all = [...letters.segment(text)].map(({ segment }) => segment)
    let [low, high] = [0, all.length]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const shown = all.slice(0, middle).join('').trimEnd() + ELLIPSIS
      if (this.width(shown, style) <= width) low = middle
      else high = middle - 1
    }
    return all.slice(0, low).join('').trimEnd() + ELLIPSIS
  }

  /** Lines no wider than the width, broken at spaces; a word that is too long is cut. */
  lines(text: string, width: number, style: TypeStyle): readonly string[] {
    const lines: string[] = []
    let line = ''
    for (const word of text.split(/ +|\n/)) {
      const longer = line === '' ? word : `${line} ${word}`
      if (line !== '' && this.width(longer, style) > width) {
        lines.push(line)
        line = word
      } else line = longer
    }
    return [...lines, line].map((one) => this.fitted(one, width, style))
  }

  /** Draws from the left edge on the baseline. */
  draw(text: string, x: number, baselineY: number, style: TypeStyle & { readonly color: string }): void {
    let at = x
    for (const piece of piecesOf(text, style.bold)) {
      this.#doc.font(piece.font).fontSize(style.size).fillColor(style.color)
      this.#doc.text(piece.text, at, baselineY, {
        lineBreak: false,
        baseline: 'alphabetic',
        ...featuresOf(piece, style.size),
      })
      at += this.#widthOf(piece, style.size)
    }
  }

  #widthOf(piece: SetPiece, size: number): number {
    const features = featuresOf(piece, size)
    const key = `${piece.font} ${features.features === undefined} ${piece.text}`
    const known = widths.get(key)
    if (known !== undefined) return known * size
    this.#doc.font(piece.font).fontSize(1)
    const width = this.#doc.widthOfString(piece.text, features)
    if (widths.size >= WIDTHS_MAX) widths.clear()
    widths.set(key, width)
    return width * size
  }
}

/**
 * Opened once: reading a font's tables takes far longer than setting a page. Cut down for a document from another copy: doing
 * that loads parts of letters, and the copy which lays out must first meet each of its letters as a sign, to know what it says.
 */
function open(path: string): OpenedFont {
  const file = readFileSync(path)
  const [font, copy] = [fontkit.create(file), fontkit.create(file)]
  for (const [first, last] of COMMON_SIGNS)
    for (const codePoint of font.characterSet)
      if (codePoint >= first && codePoint <= last) font.glyphForCodePoint(codePoint)
  return Object.assign(font, { createSubset: () => copy.createSubset() })
}

/** What has no digits goes without, and so through the cache of the document's fonts. */
function featuresOf({ font, text }: SetPiece, size: number): { features?: PDFKit.Mixins.OpenTypeFeatures[] } {
  return size < TITLE_SIZE && font.startsWith('inter') && /\d/.test(text) ? { features: FEATURES } : {}
}

function piecesOf(text: string, bold: boolean): SetPiece[] {
  const pieces: SetPiece[] = []
  for (const { text: stretch } of visualPieces(printable(text))) {
    let [run, family]: [string, Family] = ['', 'inter']
    const end = () => {
      const font = bold ? (`${family}-bold` as const) : family
      // Figures by themselves: the words beside them come word by word out of the document's cache.
      for (const text of run.split(/([^ ]*\d[^ ]*)/)) if (text !== '') pieces.push({ text, font })
      run = ''
    }
    for (const sign of stretch) {
      // A mark belongs to the letter before it.
      const next: Family = /\p{M}/u.test(sign) && run !== '' ? family : familyOf(sign)
      if (next !== family) end()
      family = next
      run += sign
    }
    end()
  }
  return pieces
}

function familyOf(sign: string): Family {
  if (ARABIC.test(sign)) return 'arabic'
  return HEBREW.test(sign) ? 'hebrew' : 'inter'
}

/** Composed where that can be; a sign of a script that no font here has is shown as `?`, never dropped. */
export function printable(text: string): string {
  let out = ''
  for (const sign of text.normalize('NFC').replace(/\p{Cc}/gu, ' '))
    out += INTER.test(sign) || ARABIC.test(sign) || HEBREW.test(sign) ? sign : '?'
  return out
}
