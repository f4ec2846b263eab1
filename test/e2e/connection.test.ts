/** The wall board in a real browser when the server is frozen, shot and started again: it says so, and is right again by itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SimulatedEvent, toCloudEvent } from '../../server/simulator/recorder.ts'
import { browserMissing } from '../support/browser.ts'
import { type Product, startServe, temporaryFolder } from '../support/product.ts'
import { SMALL_DAY, smallDay } from '../support/simulated-day.ts'
import { PageMaker, WALL, type WatchedPage, wallCounts } from './pages.ts'
import {
  command,
  createToken,
  dayReport,
  eventually,
  type Place,
  postEvents,
  reportCounts,
} from './support.ts'

const CLOCK = ['--clock-start', `${SMALL_DAY}T19:00:00Z`]
/** Said within three seconds of the break: the page's own clock decides in its tests, this is the bound for a busy machine. */
const STALE_MS_MAX = 10_000
/** What a browser writes to its console when a server is away. */
const AWAY = /ERR_CONNECTION|ERR_SOCKET|ERR_EMPTY_RESPONSE|WebSocket connection to/

describe.skipIf(browserMissing !== undefined)(`a broken connection ${browserMissing ?? ''}`, () => {
  let place: Place
  let server: Product
  let pages: PageMaker
  let wall: WatchedPage
  let ingestToken = ''
  let readToken = ''
  const { events } = smallDay(4)
  const third = Math.floor(events.length / 3)

  beforeAll(async () => {
    place = { argv: ['--data-dir', await temporaryFolder()], env: {} }
    server = await startServe([...place.argv, ...CLOCK])
    ingestToken = await createToken(place, 'ingest')
    readToken = await createToken(place, 'read')
    pages = await PageMaker.launch()
    wall = await pages.visitor('en-GB', WALL)
    const argv = ['user', 'create', '--role', 'supervisor', '--name', 'Sam', ...place.argv]
    await wall.page.goto(await command(argv))
    await wall.page.getByTestId('wall').waitFor()
  })
  afterAll(async () => {
    await pages?.close()
    await server?.stop()
  })

  const send = async (part: readonly SimulatedEvent[]) => {
    for (let at = 0; at < part.length; at += 500) {
      const { status } = await postEvents(
        server.url,
        ingestToken,
        part.slice(at, at + 500).map((event) => toCloudEvent(event)),
      )
      expect(status).toBe(200)
    }
  }
  const state = () => wall.page.getByTestId('wall').getAttribute('data-connection')
  const expectRight = () =>
    eventually(async () => {
      expect(await state()).toBe('live')
      const report = reportCounts(await dayReport(server.url, readToken, SMALL_DAY))
      expect(Object.values(report).reduce((sum, { offered }) => sum + offered, 0)).toBeGreaterThan(0)
      expect(await wallCounts(wall.page)).toEqual(report)
    })
  const expectStale = async (words: RegExp) => {
    const notice = wall.page.getByTestId('stale')
    await notice.waitFor({ timeout: STALE_MS_MAX })
    expect(await notice.innerText()).toMatch(words)
    // The old figures stay readable, marked as old.
    expect(await wall.page.locator('.stale [data-queue]').count()).toBeGreaterThan(0)
    expect(await wall.page.getByTestId('freshness').getAttribute('data-state')).toBe('stale')
  }

  it('shows what came in, without a reload', async () => {
    await send(events.slice(0, third))
    await expectRight()
    expect(await wall.page.getByTestId('stale').count()).toBe(0)
    wall.expectNoErrors()
  })

  it('says that a frozen server is silent, and is right again when it goes on', async () => {
    server.signal('SIGSTOP')
    try {
      await expectStale(/stale|silen|no news|nothing/i)
    } finally {
      server.signal('SIGCONT')
    }
    await expectRight()
    await send(events.slice(third, 2 * third))
    await expectRight()
    wall.expectNoErrors(AWAY)
  })

  it('says that a killed server is gone, and is right again after its start, still signed in', async () => {
    const before = await wallCounts(wall.page)
    await server.kill()
    await expectStale(/connection/i)
    expect(await wallCounts(wall.page)).toEqual(before)
    server = await startServe([...place.argv, ...CLOCK, '--port', String(server.port)])
    await expectRight()
    expect(await wallCounts(wall.page)).toEqual(before)
    await send(events.slice(2 * third))
    await expectRight()
    expect(await wallCounts(wall.page)).not.toEqual(before)
    wall.expectNoErrors(AWAY)
  })

  it('shows the server’s time and the same figures in a browser whose own clock is 3 hours off', async () => {
    for (const offsetMs of [3 * 3_600_000, -3 * 3_600_000]) {
      const other = await pages.page(wall.context)
      await other.page.addInitScript(`{
        const now = Date.now
        const Own = Date
        globalThis.Date = class extends Own {
          constructor(...parts) { if (parts.length === 0) super(now() + ${offsetMs}); else super(...parts) }
          static now() { return now() + ${offsetMs} }
        }
      }`)
      await other.page.goto(`${server.url}/#/wall`)
      await other.page.locator('[data-queue]').first().waitFor()
      await eventually(async () => {
        expect(await other.page.getByTestId('clock').innerText()).toBe(
          await wall.page.getByTestId('clock').innerText(),
        )
        expect(await other.page.getByTestId('freshness').innerText()).toBe(
          await wall.page.getByTestId('freshness').innerText(),
        )
        expect(await wallCounts(other.page)).toEqual(await wallCounts(wall.page))
      })
      other.expectNoErrors()
      await other.page.close()
    }
  })

  it('is right again by itself after its browser froze it, as before a laptop sleeps', async () => {
    const session = await wall.context.newCDPSession(wall.page)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await new Promise((done) => setTimeout(done, 4_000))
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await expectRight()
    wall.expectNoErrors(AWAY)
  })

  it('says that a server was stopped, and comes back to it', async () => {
    await server.stop()
    await expectStale(/connection/i)
    server = await startServe([...place.argv, ...CLOCK, '--port', String(server.port)])
    await expectRight()
    wall.expectNoErrors(AWAY)
  })
})
