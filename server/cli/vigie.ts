#!/usr/bin/env node
/** The program `vigie`: streams, signals and exit status around one command. */
import { runProgram } from './program.ts'

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second time the patience is over.
    if (controller.signal.aborted) process.exit(130)
    controller.abort(signal)
  })
}
// `vigie report … | head` closes the pipe early: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const status = await runProgram(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  env: process.env,
  signal: controller.signal,
})
process.exitCode = status
// What a command left open (an idle pool, a paused stdin) must not keep the program alive once its output is out.
process.stdout.write('', () => process.stderr.write('', () => process.exit(status)))
