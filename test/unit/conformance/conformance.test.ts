/** `vigie conformance`: the documented example, a simulated day against the simulator's counts, and what is not right. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { runProgram } from '../../../server/cli/program.ts'
import { toCloudEvent } from '../../../server/simulator/recorder.ts'
import { SMALL_DAY, SMALL_ZONE, smallDay } from '../../support/simulated-day.ts'
import { exampleFolder, viewsFolder } from './example.ts'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))
const SAMPLE = join(REPOSITORY, '../shared/feeds/asterisk-queue_log/asteriskreport-2010')

// Each folder is folded in five throw-away stores.
vi.setConfig({ testTimeout: 900_000 })

let root = ''
let folders = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vigie-conformance-test-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(root, `folder-${++folders}`)
  await mkdir(folder)
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

async function conformance(folder: string): Promise<{ status: number; out: string; err: string }> {
  const texts = { out: '', err: '' }
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        texts[name] += chunk.toString('utf8')
        done()
      },
    })
  const status = await runProgram(['conformance', folder], {
    stdin: process.stdin,
    stdout: into('out'),
    stderr: into('err'),
    cwd: root,
    env: {},
    signal: new AbortController().signal,
  })
  return { status, ...texts }
}

it('holds for the example of the documentation, which is this very folder', async () => {
  const files = exampleFolder()
  const readme = await readFile(join(REPOSITORY, 'server/conformance/README.md'), 'utf8')
  for (const text of Object.values(files)) expect(readme).toContain(text)
  const { status, out, err } = await conformance(await folderOf(files))
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(readme).toContain(out)
  expect(out.split('\n').map((line) => line.split('\t').slice(0, 2).join(' '))).toEqual([
    'holds as delivered',
    'holds shuffled',
    'holds duplicated',
    'holds cut in two',
    '',
  ])
})

it('holds for percentiles, views, and agents beside their schedule, counted by hand', async () => {
  const { status, out, err } = await conformance(await folderOf(viewsFolder()))
  expect(out).not.toContain('figure\t')
  expect({ status, err }).toEqual({ status: 0, err: '' })
})

it('names the figure that differs, and where', async () => {
  const files = exampleFolder()
  const wrong = (files['expected.json'] ?? '').replace('"abandoned": 2', '"abandoned": 1')
  const { status, out } = await conformance(await folderOf({ ...files, 'expected.json': wrong }))
  expect(status).toBe(1)
  for (const arrangement of ['as delivered', 'shuffled', 'duplicated', 'cut in two'])
    for (const view of ['ledger', 'live'])
      expect(out).toContain(
        `figure\t${arrangement}\t${view}\t2024-06-03 queues[sales].abandoned\texpected 1\tgot 2\n`,
      )
})

it('counts refused lines, and wants them announced', async () => {
  const files = exampleFolder()
  const torn = { ...files, 'events.ndjson': `${files['events.ndjson']}{"specversion":"1.0"\n` }
  const { status, out, err } = await conformance(await folderOf(torn))
  expect(status).toBe(1)
  expect(out).toContain('files[0].rejected\texpected 0\tgot 1')
  expect(err).toContain('line 11')
  const manifest = (files['manifest.json'] ?? '').replace('"source": "pbx"', '"source": "pbx", "rejected": 1')
  expect((await conformance(await folderOf({ ...torn, 'manifest.json': manifest }))).status).toBe(0)
})

it.each([
  ['no manifest', { 'manifest.json': undefined }, 'manifest.json'],
  ['a manifest that is no JSON', { 'manifest.json': '{' }, 'manifest.json'],
  ['a mistyped name', { 'manifest.json': '{"files":[], "treshold":1}' }, '/treshold'],
  [
    'a format that nobody reads',
    { 'manifest.json': '{"files":[{"format":"fax","paths":["x"]}]}' },
    '/files/0/format',
  ],
  ['no file', { 'events.ndjson': undefined }, 'events.ndjson'],
  ['no schedule', { 'manifest.json': viewsFolder()['manifest.json'] }, 'agents.csv'],
  ['a view that nobody has', { 'expected.json': '{"date":"2024-06-03","view":"sideways"}' }, 'view'],
  ['no date', { 'expected.json': '{"queues":[]}' }, 'date'],
])('cannot run with %s, and says so in a line', async (_case, changed, said) => {
  const files = Object.entries({ ...exampleFolder(), ...changed }).filter(([, text]) => text !== undefined)
  const folder = await folderOf(Object.fromEntries(files) as Record<string, string>)
  const { status, out, err } = await conformance(folder)
  expect({ status, out }).toEqual({ status: 2, out: '' })
  expect(err).toContain(said)
  expect(err.trimEnd().split('\n')).toHaveLength(1)
})

it('holds for a simulated day, against the counts that the simulator made itself', async () => {
  const day = smallDay(5)
  const queues = day.truth.map(({ queueId, intervals, offered, answered, abandoned, flowedOut, lost }) => ({
    queue: queueId,
    ...{ offered, answered, abandoned, flowedOut, lost, waiting: 0 },
    intervals: intervals
      .filter(({ startMs }) => startMs % 1_800_000 === 0)
      .map(({ startMs }) => ({
        start: new Date(startMs).toISOString(),
        ...halfHour(intervals, startMs),
      })),
  }))
  const { status, out } = await conformance(
    await folderOf({
      'manifest.json': JSON.stringify({
        zone: SMALL_ZONE,
        date: SMALL_DAY,
        files: [{ format: 'cloudevents', paths: ['day.ndjson'], source: 'simulator' }],
      }),
      'day.ndjson': day.events.map((event) => JSON.stringify(toCloudEvent(event))).join('\n'),
      'expected.json': JSON.stringify({ queues }),
    }),
  )
  expect(out).not.toContain('figure\t')
  expect(status).toBe(0)
})

/** The simulator counts in its own intervals; the report here in half hours. */
function halfHour(
  intervals: readonly { readonly startMs: number; readonly offered: number; readonly answered: number }[],
  startMs: number,
) {
  const inside = intervals.filter((one) => one.startMs >= startMs && one.startMs < startMs + 1_800_000)
  const sum = (pick: (one: { offered: number; answered: number }) => number) =>
    inside.reduce((total, one) => total + pick(one), 0)
  return { offered: sum(({ offered }) => offered), answered: sum(({ answered }) => answered) }
}

it.skipIf(!existsSync(SAMPLE))('holds for a real log (skipped where the samples are absent)', async () => {
  const told = JSON.parse(await readFile(join(SAMPLE, 'expected.json'), 'utf8')) as {
    readonly queues: Readonly<Record<string, Readonly<Record<string, number>>>>
  }
  const queues = Object.entries(told.queues).map(([queue, figures]) => ({
    queue,
    offered: figures.offered,
    answered: figures.answered,
    abandoned: figures.abandoned,
    answeredWithinThreshold: figures.answered_within_sl,
    asaSeconds: figures.asa,
    transfers: figures.transfers,
  }))
  const { status, out } = await conformance(
    await folderOf({
      'manifest.json': JSON.stringify({
        date: '2010-02-22',
        files: [{ format: 'queue-log', paths: ['queue_log'], source: 'pbx' }],
      }),
      queue_log: await readFile(join(SAMPLE, 'queue_log'), 'utf8'),
      'expected.json': JSON.stringify({ queues }),
    }),
  )
  expect(out).not.toContain('figure\t')
  expect(status).toBe(0)
})
