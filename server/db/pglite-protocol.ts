/** Messages between the main thread and the worker that holds the embedded database. */

export interface PgliteWorkerData {
  /** PostgreSQL's own folder inside the data folder. */
  readonly databaseDir: string
}

export type PgliteRequest =
  | {
      readonly id: number
      readonly kind: 'query'
      readonly sql: string
      readonly parameters: readonly unknown[]
    }
  | { readonly id: number; readonly kind: 'close' }

export interface PgliteResult {
  readonly columns: readonly string[]
  /** Row after row, `columns.length` values each: cheaper to pass between threads than an object a row. */
  readonly values: readonly unknown[]
  readonly affectedRows: number
}

export interface PgliteFailure {
  readonly message: string
  readonly code?: string
  readonly constraint?: string
  readonly detail?: string
}

export type PgliteReply =
  | { readonly id: number; readonly result: PgliteResult }
  | { readonly id: number; readonly failure: PgliteFailure }

/** Reply to the opening itself. */
export const OPENING_ID = 0
