/** The commands that work on a data folder: a running server runs them for those who come through its control socket. */
import type { CommandEntry } from './run-command.ts'

export const DATA_COMMANDS: Readonly<Record<string, CommandEntry>> = {
  import: { summary: 'take files into the ledger', load: () => import('./import.ts') },
  report: { summary: 'the figures of a day as JSON, CSV or PDF', load: () => import('./report.ts') },
  user: { summary: 'create an account and print its sign-in link', load: () => import('./user.ts') },
  token: { summary: 'create an API token and print it', load: () => import('./token.ts') },
}
