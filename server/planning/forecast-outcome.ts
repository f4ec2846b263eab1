/** How a change to forecasts ends: done, refused with the places that are wrong, or about something that is not there. */

export interface FieldProblem {
  readonly pointer: string
  readonly detail: string
}

export type ForecastOutcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] }
  | { readonly kind: 'not-found' }
