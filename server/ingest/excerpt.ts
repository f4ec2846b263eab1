/** What a person may read of a refused line: enough of it to find the fault, and nobody's telephone number. */

const MASK = '•'
const DIGITS_SHOWN = 2
const EXCERPT_LENGTH_MAX = 500
/** Seven digits or more in a row. */
const LONG_NUMBER = /\d{7,}/g
/** Seconds or milliseconds of our time: a line is found by them, and no telephone number is so in every plan. */
const EPOCH = /^1\d{9}(?:\d{3})?$/

export function excerptOf(text: string): string {
  // Cut first: a flood of long lines costs no more than short ones. A number that the cut halves is masked all the same.
  const cut = text.slice(0, EXCERPT_LENGTH_MAX + 20)
  const masked = cut.replace(LONG_NUMBER, (digits: string) =>
    EPOCH.test(digits) ? digits : MASK.repeat(digits.length - DIGITS_SHOWN) + digits.slice(-DIGITS_SHOWN),
  )
  return masked.slice(0, EXCERPT_LENGTH_MAX)
}
