/** The commands as a newcomer meets them: what stops one is one clear line and status 2; what works, works beside a server. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Finished, type Product, runProduct, startServe, temporaryFolder } from '../support/product.ts'
import { command, createToken, dayReport, postEvents } from './support.ts'

let folder = ''
let server: Product
let takenPort = 0

beforeAll(async () => {
  folder = await temporaryFolder()
  server = await startServe(['--data-dir', join(folder, 'served')])
  takenPort = server.port
})

function expectOneLine(finished: Finished, text: RegExp) {
  expect(finished.stderr).toMatch(text)
  expect(finished.stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(finished.stderr).not.toMatch(/\n\s+at |node:internal|\.js:\d+/)
  expect(finished.stdout).toBe('')
  expect(finished.status).toBe(2)
}

describe('one clear line and status 2', () => {
  it.each([
    ['an unknown command', ['server'], /there is no command "server"/],
    ['an unknown option', ['serve', '--prot', '80'], /--prot/],
    ['an option without its value', ['serve', '--port'], /--port/],
    ['a port that is none', ['serve', '--port', 'http'], /--port must be a number/],
    ['a fraction of a port', ['serve', '--port', '80.5'], /whole number/],
    ['a word too many', ['serve', 'now'], /"now" is not expected/],
    ['a clock that is none', ['serve', '--clock-start', 'yesterday'], /--clock-start/],
    ['a day that does not exist', ['report', 'day', '--date', '2026-02-30'], /--date/],
    ['a demo that is too fast', ['demo', '--speed', '601'], /--speed must be a number from/],
  ])('%s', async (_, argv, text) => {
    expectOneLine(await runProduct(argv, { cwd: folder }), text)
  })

  it('a port that is taken, by the product or by another program', async () => {
    const other = createServer()
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
    const address = other.address()
    const otherPort = typeof address === 'object' && address !== null ? address.port : 0
    try {
      for (const port of [takenPort, otherPort]) {
        const argv = ['serve', '--port', String(port), '--data-dir', join(folder, 'second')]
        expectOneLine(await runProduct(argv), new RegExp(`port ${port} .*taken`))
      }
    } finally {
      await new Promise((done) => other.close(done))
    }
  })

  it('a mistyped role, before a data folder is made for it', async () => {
    const cwd = await temporaryFolder()
    for (const kind of ['user', 'token'])
      expectOneLine(await runProduct([kind, 'create', '--role', 'boss', '--name', 'A'], { cwd }), /--role/)
    expect(await readdir(cwd)).toEqual([])
  })

  it('a demo whose port is taken', async () => {
    // Said before six weeks of history are written, not after.
    expectOneLine(await runProduct(['demo', '--port', String(takenPort)]), /port \d+ .*taken/)
  })

  it('a folder that cannot be made', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    for (const argv of [
      ['serve', '--port', '0'],
      ['token', 'create', '--role', 'read', '--name', 'a'],
    ])
      expectOneLine(await runProduct([...argv, '--data-dir', join(file, 'data')]), /cannot be written/)
  })

  it('a database that is away, without its password', async () => {
    const env = { DATABASE_URL: 'postgres://vigie:secret@127.0.0.1:1/vigie' }
    for (const argv of [['serve', '--port', '0'], ['migrate'], ['report', 'day', '--date', '2026-03-17']]) {
      const finished = await runProduct(argv, { env, cwd: folder })
      expectOneLine(finished, /database at postgres:\/\/127\.0\.0\.1:1\/vigie cannot be reached/)
      expect(finished.stderr).not.toContain('secret')
    }
  })

  it('a second server on the same folder, while the first one serves on', async () => {
    const argv = ['serve', '--port', '0', '--data-dir', join(folder, 'served')]
    expectOneLine(await runProduct(argv), new RegExp(`held by process ${server.pid}`))
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  })
})

describe('beside a running server, through its socket', () => {
  const LOG = [
    '1773738000|NONE|NONE|NONE|QUEUESTART|',
    '1773738010|c1|support|NONE|ENTERQUEUE||0601020304|1',
    '1773738018|c1|support|Anne|CONNECT|8|c1b|3',
    '1773738078|c1|support|Anne|COMPLETECALLER|8|60|1',
    '1773738100|c2|support|NONE|ENTERQUEUE||0601020305|1',
    'this is no line of a queue log',
    '1773738145|c2|support|NONE|ABANDON|1|1|45',
  ]
  const DAY = '2026-03-17'
  const place = () => ({ argv: ['--data-dir', join(folder, 'served')], env: {} })

  it('imports a log: the server knows it at once, its refused line has its number, twice is once', async () => {
    const log = join(folder, 'queue_log')
    await writeFile(log, `${LOG.join('\n')}\n`)
    const argv = ['import', 'queue-log', log, '--source', 'pbx', '--zone', 'Europe/Paris', ...place().argv]
    const first = await runProduct(argv)
    expect(first.status).toBe(1)
    expect(first.stderr).toMatch(/^line 6: /m)
    expect(first.stdout).toMatch(/^verb\tENTERQUEUE\t2$/m)
    expect(first.stdout).toMatch(/^total\trejected\t1$/m)
    const accepted = Number(/^total\taccepted\t(\d+)$/m.exec(first.stdout)?.[1])
    const again = await runProduct(argv)
    expect(again.stdout).toMatch(/^total\taccepted\t0$/m)
    expect(again.stdout).toContain(`total\tduplicates\t${accepted}\n`)

    const report = await dayReport(server.url, await createToken(place(), 'read'), DAY)
    expect(report.queues.find(({ queue }) => queue === 'support')).toMatchObject({
      offered: 2,
      answered: 1,
      abandoned: 1,
      answeredWithinThreshold: 1,
      shortAbandons: 0,
    })
  })

  it('reports the day as JSON, CSV and PDF, the same figures as the API', async () => {
    const argv = ['report', 'day', '--date', DAY, ...place().argv]
    const token = await createToken(place(), 'read')
    expect(JSON.parse(await command(argv))).toEqual(await dayReport(server.url, token, DAY))
    const csv = await fetch(`${server.url}/api/v1/reports/day?date=${DAY}&format=csv`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(await command([...argv, '--format', 'csv'])).toBe((await csv.text()).trimEnd())
    const pdf = await runProduct([...argv, '--format', 'pdf'])
    expect(pdf.output.subarray(0, 5).toString('latin1')).toBe('%PDF-')
    await command([...argv, '--format', 'pdf', '--out', join(folder, 'day.pdf')])
    expect((await readFile(join(folder, 'day.pdf'))).subarray(0, 5).toString('latin1')).toBe('%PDF-')
  })

  it('creates a token that the server takes at once, and no longer once it is revoked', async () => {
    const token = await command(['token', 'create', '--role', 'ingest', '--name', 'phone', ...place().argv])
    const event = {
      specversion: '1.0',
      id: '1',
      source: '/phone',
      type: 'cc.source.heartbeat.v1',
      time: `${DAY}T10:00:00Z`,
      data: {},
    }
    expect(await postEvents(server.url, token, [event])).toMatchObject({ status: 200, body: { accepted: 1 } })
    await command(['token', 'revoke', '--name', 'phone', ...place().argv])
    expect((await postEvents(server.url, token, [event])).status).toBe(401)
  })

  it('prints a sign-in link that leads to this server', async () => {
    const link = await command(['user', 'create', '--role', 'director', '--name', 'Dora', ...place().argv])
    expect(link.startsWith(`${server.url}/#/sign-in/`)).toBe(true)
  })
})

it('says its version and its help on standard output', async () => {
  expect(await command(['--version'])).toMatch(/^\d+\.\d+\.\d+/)
  const help = await command(['--help'])
  for (const name of [
    'serve',
    'demo',
    'migrate',
    'import',
    'report',
    'user',
    'token',
    'replay',
    'staff',
    'forecast',
  ])
    expect(help).toContain(`  ${name} `)
  expect(await command(['serve', '--help'])).toContain('--data-dir')
})

it('stops on SIGTERM with status 0, and gives the folder back', async () => {
  const dataDir = join(folder, 'stopped')
  const first = await startServe(['--data-dir', dataDir])
  expect((await first.stop()).status).toBe(0)
  const second = await startServe(['--data-dir', dataDir])
  expect((await second.stop()).status).toBe(0)
})
