/** Texts of the plan pages. */
import type { MessageTable } from './message.ts'

export const PLAN_MESSAGES = {} as const satisfies MessageTable
