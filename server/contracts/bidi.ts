/**
 * The order in which the signs of one line stand on paper when scripts that run right to left are among them.
 * Source: Unicode Standard Annex #9, rules P2-P3, W1-W7, N1-N2, I1-I2, L1-L2 and L4 for one paragraph; of explicit marks it
 * follows first-strong isolates, in which a name stands by itself, and drops the others. Paired brackets follow N1-N2 (not N0).
 */

/** A stretch that is drawn from left to right as it stands, or a word of a right-to-left script in reading order. */
export interface VisualPiece {
  readonly text: string
  readonly rightToLeft: boolean
}

type BidiClass = 'L' | 'R' | 'AL' | 'EN' | 'AN' | 'ES' | 'ET' | 'CS' | 'NSM' | 'WS' | 'ON'

/** Also the joiners of no width: a word is cut there, and its parts are joined each by itself. */
const CONTROLS = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066\u2067\u2069\ufeff]/g
const JOINERS = /^[\u200c\u200d]$/
const FIRST_STRONG_ISOLATE = '\u2068'
const POP_ISOLATE = '\u2069'
const ISOLATES = /\u2068([^\u2068\u2069]*)\u2069?/g
/** Private signs where the isolates of a text stand while it is put in order; a line has few. */
const FIRST_HOLE = 0xf0000
const HOLES = /[\u{f0000}-\u{f00ff}]/gu
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u0640]/u
const MIRRORED = new Map(
  ['()', '[]', '{}', '<>', '«»', '‹›', '≤≥'].flatMap(([a = '', b = '']) => [
    [a, b],
    [b, a],
  ]),
)

export function isRightToLeftSign(sign: string): boolean {
  return RIGHT_TO_LEFT.test(sign) && !/\p{N}|\p{P}/u.test(sign)
}

/** A name inside a sentence: neither the order of its signs nor that of the sentence's depends on the other. */
export function isolated(text: string): string {
  return `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}`
}

/** Pieces from left to right. */
export function visualPieces(text: string): readonly VisualPiece[] {
  const names: string[] = []
  // An isolate acts as one sign without a direction. One that was cut off ends with the text.
  const outer = text.replace(HOLES, '').replace(ISOLATES, (_, name: string) => {
    names.push(name)
    return String.fromCodePoint(FIRST_HOLE + names.length - 1)
  })
  if (names.length === 0) return piecesOf(outer)
  return piecesOf(outer).flatMap((piece) =>
    piece.text.split(/([\u{f0000}-\u{f00ff}])/u).flatMap((part): readonly VisualPiece[] => {
      const name = names[(part.codePointAt(0) ?? 0) - FIRST_HOLE]
      if (name !== undefined) return visualPieces(name)
      return part === '' ? [] : [{ ...piece, text: part }]
    }),
  )
}

function piecesOf(text: string): readonly VisualPiece[] {
  const signs = [...text.replace(CONTROLS, '')]
  if (!RIGHT_TO_LEFT.test(text) && !/[\u0660-\u066c]/.test(text))
    return signs.length === 0
      ? []
      : [{ text: signs.filter((sign) => !JOINERS.test(sign)).join(''), rightToLeft: false }]
  const levels = levelsOf(signs)
  const order = reordered(levels)
  const pieces: VisualPiece[] = []
  let word: string[] = []
  const endWord = () => {
    // Read from left to right on paper, a word of this script comes last letter first: its font joins it from the first.
    if (word.length > 0) pieces.push({ text: word.reverse().join(''), rightToLeft: true })
    word = []
  }
  for (const index of order) {
    const sign = signs[index] ?? ''
    const odd = (levels[index] ?? 0) % 2 === 1
    if (odd && (isRightToLeftSign(sign) || classOf(sign) === 'NSM')) {
      word.push(sign)
      continue
    }
    endWord()
    if (JOINERS.test(sign)) continue
    const shown = odd ? (MIRRORED.get(sign) ?? sign) : sign
    const last = pieces.at(-1)
    // Extended digits belong to a right-to-left script but are written from left to right: each by itself.
    if (last === undefined || last.rightToLeft || RIGHT_TO_LEFT.test(shown) || RIGHT_TO_LEFT.test(last.text))
      pieces.push({ text: shown, rightToLeft: false })
    else pieces[pieces.length - 1] = { text: last.text + shown, rightToLeft: false }
  }
  endWord()
  return pieces
}

function classOf(sign: string): BidiClass {
  if (/[\p{Mn}\p{Me}]/u.test(sign)) return 'NSM'
  if (/[0-9\u06f0-\u06f9]/.test(sign)) return 'EN'
  if (/[\u0660-\u0669\u066b\u066c]/.test(sign)) return 'AN'
  if (/[+\u2212-]/.test(sign)) return 'ES'
  if (/[%‰#°$¢-¥€\u066a]|\p{Sc}/u.test(sign)) return 'ET'
  if (/[,./:\u00a0\u202f\u060c]/.test(sign)) return 'CS'
  if (/\s/u.test(sign)) return 'WS'
  if (isRightToLeftSign(sign)) return /\p{Script=Hebrew}|\p{Script=Nko}/u.test(sign) ? 'R' : 'AL'
  return /[\p{L}\p{N}\p{Mc}]/u.test(sign) ? 'L' : 'ON'
}

function levelsOf(signs: readonly string[]): readonly number[] {
  const classes = signs.map(classOf)
  const firstStrong = classes.find((name) => name === 'L' || name === 'R' || name === 'AL')
  const base = firstStrong === 'R' || firstStrong === 'AL' ? 1 : 0
  const baseClass = base === 1 ? 'R' : 'L'
  const original = [...classes]
  resolveWeak(classes, baseClass)
  resolveNeutral(classes, baseClass)
  const levels = classes.map((name) => levelOf(name, base))
  // L1: white space at the end goes with the paragraph.
  for (let at = levels.length - 1; at >= 0 && original[at] === 'WS'; at -= 1) levels[at] = base
  return levels
}

function levelOf(name: BidiClass, base: 0 | 1): number {
  if (base === 0) return name === 'R' ? 1 : name === 'AN' || name === 'EN' ? 2 : 0
  return name === 'R' ? 1 : 2
}

/** W1-W7. */
function resolveWeak(classes: BidiClass[], start: 'L' | 'R'): void {
  each(classes, (name, at) => (name === 'NSM' ? (classes[at - 1] ?? start) : name))
  let strong: BidiClass = start
  each(classes, (name) => {
    if (name === 'L' || name === 'R' || name === 'AL') strong = name
    return name === 'EN' && strong === 'AL' ? 'AN' : name
  })
  each(classes, (name) => (name === 'AL' ? 'R' : name))
  each(classes, (name, at) => {
    const before = classes[at - 1]
    const same = before === classes[at + 1]
    if (same && before === 'EN' && (name === 'ES' || name === 'CS')) return 'EN'
    return same && before === 'AN' && name === 'CS' ? 'AN' : name
  })
  for (const run of runsOf(classes, (name) => name === 'ET'))
    if (classes[run.from - 1] === 'EN' || classes[run.to] === 'EN') classes.fill('EN', run.from, run.to)
  each(classes, (name) => (name === 'ES' || name === 'ET' || name === 'CS' ? 'ON' : name))
  strong = start
  each(classes, (name) => {
    if (name === 'L' || name === 'R') strong = name
    return name === 'EN' && strong === 'L' ? 'L' : name
  })
}

/** N1-N2: between two of the same direction, numbers counting as right to left, that one; else the paragraph's. */
function resolveNeutral(classes: BidiClass[], baseClass: 'L' | 'R'): void {
  const side = (name: BidiClass | undefined) => (name === undefined ? baseClass : name === 'L' ? 'L' : 'R')
  for (const { from, to } of runsOf(classes, (name) => name === 'WS' || name === 'ON')) {
    const before = side(classes[from - 1])
    classes.fill(before === side(classes[to]) ? before : baseClass, from, to)
  }
}

/** L2: from the highest level down, every stretch at or above it is turned round. */
function reordered(levels: readonly number[]): readonly number[] {
  const order = levels.map((_, index) => index)
  for (let level = Math.max(...levels); level >= 1; level -= 1)
    for (const { from, to } of runsOf(order, (index) => (levels[index] ?? 0) >= level))
      order.splice(from, to - from, ...order.slice(from, to).reverse())
  return order
}

function each<T>(list: T[], become: (value: T, at: number) => T): void {
  list.forEach((value, at) => {
    list[at] = become(value, at)
  })
}

function runsOf<T>(list: readonly T[], belongs: (value: T) => boolean): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = []
  list.forEach((value, at) => {
    if (!belongs(value)) return
    const last = runs.at(-1)
    if (last?.to === at) last.to = at + 1
    else runs.push({ from: at, to: at + 1 })
  })
  return runs
}
