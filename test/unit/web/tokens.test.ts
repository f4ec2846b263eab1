// The colours of tokens.css: contrast by WCAG 2.2, and states that stay apart for the three kinds of colour-blindness.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

type Rgb = readonly [number, number, number]
const css = readFileSync(fileURLToPath(new URL('../../../web/src/tokens.css', import.meta.url)), 'utf8')

function tokensOf(selector: string): ReadonlyMap<string, Rgb> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}', 1)[0] ?? ''
  return new Map(
    [...block.matchAll(/--([a-z0-9-]+): #([0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [
      name,
      [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as unknown as Rgb,
    ]),
  )
}

const linear = (rgb: Rgb) =>
  rgb.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)) as unknown as Rgb
const luminanceOfLinear = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b
const luminance = (rgb: Rgb) => luminanceOfLinear(linear(rgb))

function contrast(a: Rgb, b: Rgb): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

/** Full dichromacy in linear RGB: Machado, Oliveira & Fernandes 2009, severity 1.0. */
const BLINDNESS = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const

function seenBy(matrix: readonly (readonly number[])[], rgb: Rgb): Rgb {
  const from = linear(rgb)
  return matrix.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, at) => sum + weight * (from[at] ?? 0), 0),
      ),
    ),
  ) as unknown as Rgb
}
/** CIE L*a*b* (D65) of a colour in linear sRGB. */
function lab([r, g, b]: Rgb): Rgb {
  const root = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const x = root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
  const y = root(luminanceOfLinear([r, g, b]))
  const z = root((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}
/** CIE 1976: 2.3 can just be seen. */
const difference = (a: Rgb, b: Rgb) => Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)))

test('black on white is 21, as the standard says', () => {
  expect(contrast([0, 0, 0], [1, 1, 1])).toBeCloseTo(21, 6)
  expect(contrast([0.4666667, 0.4666667, 0.4666667], [1, 1, 1])).toBeCloseTo(4.48, 2)
})

const GROUNDS = ['ground', 'surface', 'surface-2']
const TEXTS = ['ink', 'ink-2', 'label', 'accent', 'ok', 'warn', 'bad']
const PAIRS: readonly (readonly [text: string, ground: string])[] = [
  ...TEXTS.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)),
  ['ok', 'ok-ground'],
  ['warn', 'warn-ground'],
  ['bad', 'bad-ground'],
  ['label', 'off-ground'],
  ['ink', 'ok-ground'],
  ['ink', 'warn-ground'],
  ['ink', 'bad-ground'],
  ['accent', 'accent-ground'],
  ...['accent', 'bar', 'ok', 'warn', 'violet', 'grey'].map((ground) => ['on-accent', ground] as const),
]

describe.each([
  ['light', tokensOf(':root')],
  ['dark', tokensOf(':root[data-theme="dark"]')],
])('%s', (theme, tokens) => {
  const of = (name: string): Rgb => {
    const found = tokens.get(name)
    if (found === undefined) throw new Error(`--${name} is not a colour of ${theme}`)
    return found
  }

  test('text stands out at 4.5 to 1 wherever it is put', () => {
    const faint = PAIRS.flatMap(([text, ground]) => {
      const ratio = contrast(of(text), of(ground))
      return ratio < 4.5 ? [`${text} on ${ground}: ${ratio.toFixed(2)}`] : []
    })
    expect(faint).toEqual([])
  })

  test('what is edged can be seen: lines of controls at 3 to 1', () => {
    for (const ground of ['ground', 'surface'])
      expect(contrast(of('line-strong'), of(ground)), ground).toBeGreaterThanOrEqual(3)
  })

  test('figures of the wall stand out at 7 to 1', () => {
    const figures =
      theme === 'dark'
        ? ([
            ['ink', 'ground'],
            ['ok', 'ok-ground'],
            ['warn', 'warn-ground'],
            ['bad', 'ground'],
            ['bad', 'bad-ground'],
            ['ink-2', 'ground'],
          ] as const)
        : ([['ink', 'ground']] as const)
    for (const [text, ground] of figures)
      expect(contrast(of(text), of(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(7)
  })

  // On a light ground all three must be dark to be read, so lightness alone cannot part them: what is left of hue counts too.
  test.each(Object.entries(BLINDNESS))('kept, at the limit and missed stay apart: %s', (_, matrix) => {
    const [ok, warn, bad] = ['ok', 'warn', 'bad'].map((name) => lab(seenBy(matrix, of(name))))
    if (ok === undefined || warn === undefined || bad === undefined) throw new Error('a state has no colour')
    expect(difference(ok, warn)).toBeGreaterThanOrEqual(20)
    expect(difference(ok, bad)).toBeGreaterThanOrEqual(20)
    expect(difference(warn, bad)).toBeGreaterThanOrEqual(10)
  })
})
