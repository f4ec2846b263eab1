/** Columns as PostgreSQL array literals: one parameter per column, the same text on both databases. */

const NEEDS_ESCAPE = /["\\]/
const ESCAPED = /["\\]/g

/** PostgreSQL text cannot hold U+0000; it is stored as the replacement character. */
export function storableText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text
}

export function textArray(values: readonly (string | null | undefined)[]): string {
  let literal = '{'
  for (let index = 0; index < values.length; index++) {
    if (index > 0) literal += ','
    const value = values[index]
    literal += value === null || value === undefined ? 'NULL' : quoted(storableText(value))
  }
  return `${literal}}`
}

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? `"${text.replace(ESCAPED, '\\$&')}"` : `"${text}"`
}

export function numberArray(values: readonly (number | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`
}

export function booleanArray(values: readonly boolean[]): string {
  return `{${values.map((value) => (value ? 't' : 'f')).join(',')}}`
}
