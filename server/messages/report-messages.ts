/** Texts of the report pages. */
import type { MessageTable } from './message.ts'

export const REPORT_MESSAGES = {} as const satisfies MessageTable
