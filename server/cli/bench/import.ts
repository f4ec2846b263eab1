/** `npm run bench -- import`: a queue_log of a million rows through `vigie import` into PostgreSQL, beside reading the file alone. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { startThrowawayPostgres } from '../../db/throwaway-postgres.ts'
import type { CommandIo } from '../command.ts'
import { contactsMap, readEvents } from '../event-files.ts'
import { command as importCommand } from '../import.ts'

const ROWS = 1_000_000
const ROWS_PER_CALL = 4
const CALLS_PER_DAY = 20_000
const FIRST_SECOND = Date.UTC(2024, 5, 3, 6) / 1000
const DAY_SECONDS = 86_400
const OPEN_SECONDS = 50_000

export async function run(options: { json?: string; events?: number }): Promise<void> {
  const rows = options.events ?? ROWS
  const folder = await mkdtemp(join(tmpdir(), 'vigie-import-'))
  const server = await startThrowawayPostgres()
  try {
    const file = join(folder, 'queue_log')
    await writeQueueLog(file, rows)
    const { databaseUrl } = await server.createDatabase()
    const readSeconds = await timed(() => readAlone(file))
    const io = silentIo(folder, databaseUrl)
    const importSeconds = await timed(() => importCommand.run(['queue-log', file, '--zone', 'UTC'], io))
    const againSeconds = await timed(() => importCommand.run(['queue-log', file, '--zone', 'UTC'], io))
    const figures = {
      rows,
      importSeconds,
      againSeconds,
      readSeconds,
      ratioOfReading: importSeconds / readSeconds,
    }
    for (const [name, value] of Object.entries(figures))
      process.stdout.write(`${name.padEnd(20)}${Math.round(value * 10) / 10}\n`)
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`)
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Calls one after the other, overlapping: entered, rung in vain, connected, completed; some give up. */
async function writeQueueLog(file: string, rows: number): Promise<void> {
  const out = createWriteStream(file)
  const due: { readonly second: number; readonly line: string }[] = []
  for (let call = 0; call < Math.ceil(rows / ROWS_PER_CALL); call += 1) {
    const day = Math.floor(call / CALLS_PER_DAY)
    const second =
      FIRST_SECOND + day * DAY_SECONDS + Math.floor(((call % CALLS_PER_DAY) / CALLS_PER_DAY) * OPEN_SECONDS)
    const id = `${second}.${call}`
    const queue = `queue-${call % 8}`
    const agent = `PJSIP/${1000 + (call % 200)}`
    const lines: readonly (readonly [number, string])[] = [
      [0, `NONE|ENTERQUEUE||+331${String(call).padStart(8, '0')}|1`],
      [5, `${agent}|RINGNOANSWER|5000`],
      call % 10 === 0 ? [9, 'NONE|ABANDON|1|1|9'] : [12, `${agent}|CONNECT|12|${id}|4`],
      call % 10 === 0 ? [10, `${agent}|RINGCANCELED|1000`] : [72, `${agent}|COMPLETECALLER|12|60|1`],
    ]
    for (const [after, rest] of lines)
      due.push({ second: second + after, line: `${second + after}|${id}|${queue}|${rest}\n` })
    if (due.length >= CALLS_PER_DAY * ROWS_PER_CALL) writeOut(due, out)
  }
  writeOut(due, out)
  out.end()
  await finished(out)
}

function writeOut(
  due: { readonly second: number; readonly line: string }[],
  out: NodeJS.WritableStream,
): void {
  due.sort((a, b) => a.second - b.second)
  out.write(due.map(({ line }) => line).join(''))
  due.length = 0
}

async function readAlone(file: string): Promise<number> {
  let events = 0
  const map = await contactsMap(undefined, async () => '')
  const context = { source: 'bench', zone: 'UTC', nowMs: Date.now() }
  for await (const item of readEvents('queue-log', [file], context, map))
    if (item.kind === 'event') events += 1
  return events
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}

/** Progress is shown, counts are not. */
function silentIo(cwd: string, databaseUrl: string): CommandIo {
  const { stdin, stdout, stderr } = process
  const quiet = Object.create(stdout, { write: { value: () => true } }) as CommandIo['stdout']
  const env = { ...process.env, DATABASE_URL: databaseUrl, VIGIE_DATA_DIR: cwd }
  return { stdin, stdout: quiet, stderr, env, signal: new AbortController().signal, cwd }
}
