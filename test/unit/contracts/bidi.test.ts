/** Order of signs on paper: the examples of Unicode Standard Annex #9, and what holds of any text. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isolated, visualPieces } from '../../../server/contracts/bidi.ts'

/** As seen from left to right: a word of a right-to-left script shows its last letter first. */
function seen(text: string): string {
  return visualPieces(text)
    .map((piece) => (piece.rightToLeft ? [...piece.text].reverse().join('') : piece.text))
    .join('')
}
/** The annex writes right-to-left letters as capitals; Hebrew ones stand for them here, 27 letters from alef on. */
const hebrew = (text: string) =>
  text.replace(/[A-Z]/g, (letter) => String.fromCharCode(0x5d0 + letter.charCodeAt(0) - 65))
const arabic = (text: string) =>
  text.replace(/[A-Z]/g, (letter) => 'ابتثجحخدذرزسشصضطظعغفقكلمنه'.charAt(letter.charCodeAt(0) - 65))

it.each([
  ['car means CAR.', 'car means RAC.'],
  ['he said “THE VALUES ARE 123, 456, 789, OK”.', 'he said “KO ,789 ,456 ,123 ERA SEULAV EHT”.'],
  ['CAR MEANS car.', '.car SNAEM RAC'],
  ['ABC (x) DEF', 'FED (x) CBA'],
  ['ABC (DEF)', '(FED) CBA'],
  ['abc DEF  ', 'abc FED  '],
])('shows "%s" as "%s"', (memory, display) => {
  expect(seen(hebrew(memory))).toBe(hebrew(display))
})

it('keeps a number as it is written, before and after Arabic letters', () => {
  expect(seen(arabic('ABC 24/7'))).toBe(arabic('24/7 CBA'))
  // A hyphen joins no numbers after Arabic letters: the later one stands further left.
  expect(seen(arabic('ABC 5-3'))).toBe(arabic('3-5 CBA'))
  expect(seen(hebrew('ABC 5-3'))).toBe(hebrew('5-3 CBA'))
  expect(seen(hebrew('ABC 24/7'))).toBe(hebrew('24/7 CBA'))
  expect(seen(arabic('bank ABC 2026'))).toBe(arabic('bank 2026 CBA'))
  expect(seen(arabic('ABC ١٢٣'))).toBe(arabic('١٢٣ CBA'))
  expect(seen(arabic('ABC ۱۲۳'))).toBe(arabic('۱۲۳ CBA'))
})

it('sets a name inside a sentence by itself, on either side', () => {
  expect(seen(hebrew(`to ${isolated('ABC (12)')}, ${isolated('DEF')}.`))).toBe(hebrew('to (12) CBA, FED.'))
  expect(seen(hebrew(`ABC ${isolated('x (1)')} DEF ${isolated('y!')}`))).toBe(hebrew('y! FED x (1) CBA'))
  expect(seen(hebrew('a \u2068ABC…'))).toBe(hebrew('a …CBA'))
})

const anySign = fc.constantFrom(...'abcéŁЖα אבגשخدمةب١۲123 ()«».,:-+%/€\u064e\u0301')
const anyText = fc.array(anySign, { maxLength: 40 }).map((signs) => signs.join(''))
const unmirrored = (text: string) => text.replace(/[()«»]/g, '|')

it('shows each sign once', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const sorted = (of: string) => [...unmirrored(of)].sort().join('')
      expect(sorted(seen(text))).toBe(sorted(text))
    }),
  )
})

it('leaves text without right-to-left letters as it is', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...'abcéŁЖα 123()«».,:-+%/€'), { maxLength: 40 }), (signs) => {
      expect(seen(signs.join(''))).toBe(signs.join(''))
    }),
  )
})

it('turns a text of right-to-left letters and spaces round', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...'אבגשخدمةب'), { minLength: 1, maxLength: 30 }), (letters) => {
      expect(seen(letters.join(''))).toBe([...letters].reverse().join(''))
    }),
  )
})
