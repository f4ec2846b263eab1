// How far a long run is, on standard error: a line that rewrites itself on a terminal, now and then a line elsewhere.

import type { CommandIo } from '../command.ts'

/** Who waits less than this needs no progress. */
const SILENT_MS = 2_000
const TERMINAL_EVERY_MS = 200
/** A log is read later: it needs to know that the run was alive, not each step. */
const LOG_EVERY_MS = 10_000

export interface Progress {
  /** Says "`text`: done of total" when it is time to; total undefined = not known beforehand. */
  at(text: string, done: number, total?: number): void
  /** Clears the terminal's line, so that what follows begins on an empty one. */
  end(): void
}

export function progressOn(
  stderr: CommandIo['stderr'],
  nowMs: () => number = () => performance.now(),
): Progress {
  const onTerminal = 'isTTY' in stderr && stderr.isTTY === true
  const everyMs = onTerminal ? TERMINAL_EVERY_MS : LOG_EVERY_MS
  let dueMs = nowMs() + (onTerminal ? SILENT_MS : LOG_EVERY_MS)
  let shown = false
  return {
    at(text, done, total) {
      const now = nowMs()
      if (now < dueMs) return
      dueMs = now + everyMs
      const line = total === undefined ? `${text}: ${done}` : `${text}: ${done} of ${total}`
      stderr.write(onTerminal ? `\r\u001b[K${line}` : `${line}\n`)
      shown = true
    },
    end() {
      if (shown && onTerminal) stderr.write('\r\u001b[K')
      shown = false
    },
  }
}
