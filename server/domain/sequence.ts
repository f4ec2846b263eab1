/**
 * A sequence taken apart into what stands before its last digits, and those as a number: sequences of one prefix compare as
 * their numbers do, and a source counts under one prefix for long.
 */

/** More make no exact number. */
const SEQUENCE_DIGITS_MAX = 15
const ZERO = 48
const NINE = 57

/** How many digits a sequence ends in: those of one prefix and as many digits compare as their numbers do. */
export function sequenceDigits(sequence: string): number {
  const end = sequence.length
  let digits = 0
  while (digits < end && digits < SEQUENCE_DIGITS_MAX) {
    const code = sequence.charCodeAt(end - digits - 1)
    if (code < ZERO || code > NINE) break
    digits += 1
  }
  return digits
}

export function sequenceNumber(sequence: string, digits: number): number {
  if (digits === 0) return -1
  let number = 0
  for (let at = sequence.length - digits; at < sequence.length; at += 1)
    number = number * 10 + (sequence.charCodeAt(at) - ZERO)
  return number
}

/** The first character tells the number of digits: equal prefixes mean equal lengths. */
export function sequencePrefix(sequence: string, digits: number): string {
  return String.fromCharCode(digits) + sequence.slice(0, sequence.length - digits)
}

/** A sequence that ends in no digits is its own prefix. */
export function sequenceOf(prefix: string, number: number): string {
  const digits = prefix.charCodeAt(0)
  return digits > 0 ? prefix.slice(1) + String(number).padStart(digits, '0') : prefix.slice(1)
}
