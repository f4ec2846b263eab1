/** Texts of the setup pages. */
import type { MessageTable } from './message.ts'

export const SETUP_MESSAGES = {} as const satisfies MessageTable
