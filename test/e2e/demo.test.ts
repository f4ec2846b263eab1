/** The demo in a real browser: the supervisor, the director and the client do their job in it, in English and in French. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DayReport } from '../../server/state/figures.ts'
import type { MeBody, PlanDayBody, SettingBody } from '../../server/wire/api.ts'
import { browserMissing } from '../support/browser.ts'
import { type Demo, startDemo, temporaryFolder } from '../support/product.ts'
import { overflow, PageMaker, PHONE, pageFetch, WALL, type WatchedPage, wallCounts } from './pages.ts'
import { boardSnapshot, eventually, reportCounts } from './support.ts'

describe.skipIf(browserMissing !== undefined)(`the demo in a browser ${browserMissing ?? ''}`, () => {
  let demo: Demo
  let pages: PageMaker
  let supervisor: WatchedPage
  let director: WatchedPage
  let client: WatchedPage

  beforeAll(async () => {
    demo = await startDemo(['--seed', '7', '--speed', '20'])
    pages = await PageMaker.launch()
    supervisor = await pages.visitor('en-GB', WALL)
    director = await pages.visitor('en-GB')
    client = await pages.visitor('fr-FR')
  }, 240_000)
  afterEach(() => pages.expectNoErrors())
  afterAll(async () => {
    await pages?.close()
    await demo?.stop()
  })

  const json = async <T>({ page }: WatchedPage, path: string): Promise<T> => {
    const { status, text } = await pageFetch(page, `/api/v1${path}`)
    expect([path, status]).toEqual([path, 200])
    return JSON.parse(text) as T
  }
  const today = async (person: WatchedPage): Promise<string> => {
    const { nowMs, zone } = await json<MeBody>(person, '/me')
    return new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(nowMs)
  }

  it('signs each person in by their link and opens what their job is about', async () => {
    await supervisor.page.goto(demo.links.supervisor)
    await supervisor.page.getByTestId('wall').waitFor()
    await director.page.goto(demo.links.director)
    await director.page.getByTestId('plan-result').waitFor()
    await client.page.goto(demo.links.client)
    await client.page.getByTestId('report').waitFor()
    // The secret leaves the address at once: it is in no history and no bookmark.
    for (const { page } of [supervisor, director, client]) expect(page.url()).not.toContain('sign-in')
  })

  it('takes a link once, and says to who comes second what to do', async () => {
    const second = await pages.visitor()
    await second.page.goto(demo.links.supervisor)
    await second.page.getByRole('heading', { name: 'This link no longer works' }).waitFor()
    await second.page.getByText('Ask your administrator for a new one').waitFor()
    second.expectNoErrors(/401 .*\/api\/v1\/sign-in/)
    await second.context.close()
  })

  it('shows an anonymous visitor no figure', async () => {
    const nobody = await pages.visitor()
    await nobody.page.goto(`${demo.url}/#/wall`)
    await nobody.page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    for (const path of [
      '/api/v1/reports/day?date=2026-01-05',
      '/api/v1/settings/queue',
      '/api/v1/openapi.json',
      '/metrics',
    ])
      expect([path, (await pageFetch(nobody.page, path)).status]).toEqual([path, 401])
    nobody.expectNoErrors(/ 401 /)
    await nobody.context.close()
  })

  describe('the supervisor', () => {
    it('sees eight queues whose figures move', async () => {
      const { page } = supervisor
      await page.locator('[data-queue]').first().waitFor()
      await page.waitForFunction('document.querySelectorAll("[data-queue]").length === 8')
      expect(await page.getByTestId('wall').getAttribute('data-connection')).toBe('live')
      const before = await wallCounts(page)
      const clockBefore = await page.getByTestId('clock').innerText()
      await eventually(async () => {
        const after = await wallCounts(page)
        const moved = Object.keys(before).filter(
          (queueId) =>
            (after[queueId]?.offered ?? 0) > (before[queueId]?.offered ?? 0) &&
            (after[queueId]?.answered ?? 0) > (before[queueId]?.answered ?? 0),
        )
        expect(moved.length).toBeGreaterThanOrEqual(4)
      }, 60_000)
      expect(await page.getByTestId('clock').innerText()).not.toBe(clockBefore)
    })

    it('sees staffed against required and planned in each open queue', async () => {
      const { page } = supervisor
      for (const figure of [
        'staffed',
        'required',
        'planned',
        'waiting',
        'longestWait',
        'available',
        'halfHour',
      ])
        expect([figure, await page.locator(`[data-queue] [data-figure=${figure}]`).count()]).toEqual([
          figure,
          8,
        ])
      const staffed = await page.evaluate<number[]>(
        `[...document.querySelectorAll('[data-queue] [data-figure=staffed]')].map((heads) => Number(heads.dataset.value))`,
      )
      expect(Math.max(...staffed)).toBeGreaterThan(0)
      const planned = page.locator('[data-queue] [data-figure=planned]')
      expect(await planned.first().getAttribute('data-value')).toMatch(/^\d+$/)
    })

    it('sees the figures that the report of the day gives at that moment', async () => {
      const { page } = supervisor
      const day = await today(supervisor)
      await eventually(async () => {
        const before = await wallCounts(page)
        const report = await json<DayReport>(supervisor, `/reports/day?date=${day}`)
        const after = await wallCounts(page)
        // Between two looks at the page that show the same, so did the server.
        expect(before).toEqual(after)
        expect(reportCounts(report)).toEqual(after)
      }, 60_000)
    })

    it('may not plan or set up', async () => {
      const { page } = supervisor
      const put = await page.evaluate<number>(
        `fetch('/api/v1/settings/site/site', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"version":0,"body":null}' }).then(({ status }) => status)`,
      )
      expect(put).toBe(403)
      supervisor.expectNoErrors(/ 403 /)
    })
  })

  describe('the director', () => {
    /** So many that no forecast would ask for it. */
    const AGENTS = 137
    let plan: PlanDayBody

    it('edits the agents and sees at once what it does', async () => {
      const { page } = director
      const day = await today(director)
      const [queue] = (await json<SettingBody<'queue'>[]>(director, '/settings/queue')).toSorted((a, b) =>
        a.id < b.id ? -1 : 1,
      )
      plan = await json<PlanDayBody>(director, `/plans/${queue?.id}/${day}`)
      await page.goto(`${demo.url}/#/plan/${plan.queueId}/${day}`)
      const cells = page.locator('[data-row=agents] input')
      await cells.first().waitFor()
      const level = async () =>
        Number(await page.locator('[data-figure=dayLevel]').getAttribute('data-value'))
      const fillAll = async (agents: number) => {
        await cells.first().fill(String(agents))
        await cells.first().press('Enter')
        await cells.first().focus()
        await page.keyboard.press('Control+Shift+d')
        for (const cell of await cells.all()) expect(await cell.inputValue()).toBe(String(agents))
      }
      // No request is needed for a consequence: the page has the engine.
      const requests: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      await fillAll(1)
      const starved = await level()
      await fillAll(AGENTS)
      const lavish = await level()
      expect(requests).toEqual([])
      expect(starved).toBeLessThan(0.2)
      expect(lavish).toBeGreaterThan(0.999)
      const open = plan.intervals.filter(({ open }) => open).length
      const agentHours = (AGENTS * open * plan.intervalMinutes) / 60
      const shown = (await page.locator('[data-figure=agentHours]').innerText()).replaceAll(/[^\d.]/g, '')
      expect(Number(shown)).toBeCloseTo(agentHours, 1)
      const cost = (await page.locator('[data-figure=dayCost]').innerText()).replaceAll(/[^\d.]/g, '')
      expect(Math.abs(Number(cost) - agentHours * plan.costPerAgentHour)).toBeLessThan(1)
    })

    it('undoes a step', async () => {
      const { page } = director
      await page.getByTestId('undo').click()
      expect(await page.locator('[data-row=agents] input').nth(1).inputValue()).not.toBe(String(AGENTS))
      await page.locator('[data-row=agents] input').first().focus()
      await page.keyboard.press('Control+y')
      expect(await page.locator('[data-row=agents] input').nth(1).inputValue()).toBe(String(AGENTS))
    })

    it('publishes, and the wall shows the planned number', async () => {
      const { page } = director
      await page.getByTestId('publish').click()
      await page
        .getByTestId('plan-state')
        .getByText(/published v\d+ by Demo director/)
        .waitFor()
      await supervisor.page
        .locator(`[data-queue="${plan.queueId}"] [data-figure=planned][data-value="${AGENTS}"]`)
        .waitFor()
      const stored = await json<PlanDayBody>(director, `/plans/${plan.queueId}/${plan.day}`)
      expect(stored.plan).toMatchObject({ state: 'published', author: 'Demo director' })
      for (const { open, agents } of stored.intervals) if (open) expect(agents).toBe(AGENTS)
    })

    it('reaches every set-up page', async () => {
      const { page } = director
      for (const section of ['site', 'queues', 'clients', 'teams', 'agents', 'sources', 'people']) {
        await page.goto(`${demo.url}/#/setup/${section}`)
        await page.locator('main h1').first().waitFor()
        expect([section, await page.locator('main [role=alert]').count()]).toEqual([section, 0])
      }
    })
  })

  describe('the client', () => {
    it('sees its own queues and nobody else’s, and no agent’s name, anywhere', async () => {
      const { page } = client
      const me = await json<MeBody>(client, '/me')
      expect(me.clientId).not.toBeNull()
      const queues = await json<SettingBody<'queue'>[]>(director, '/settings/queue')
      const own = queues.filter(({ body }) => body?.clientId === me.clientId)
      const foreign = queues.filter(({ body }) => body?.clientId !== me.clientId)
      expect(own.length * foreign.length).toBeGreaterThan(0)
      const agents = await json<SettingBody<'agent'>[]>(director, '/settings/agent')
      const day = await today(director)
      const yesterday = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)

      const answers: string[] = []
      for (const date of [day, yesterday])
        for (const format of ['json', 'csv']) {
          const { status, text } = await pageFetch(page, `/api/v1/reports/day?date=${date}&format=${format}`)
          expect(status).toBe(200)
          answers.push(text)
        }
      const report = JSON.parse(answers[0] ?? '') as DayReport
      expect(report.queues.map(({ queue }) => queue).sort()).toEqual(own.map(({ id }) => id).sort())
      expect(new Set(report.clients.map((one) => one.client))).toEqual(new Set([me.clientId]))
      const cookies = await client.context.cookies()
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
      const board = await boardSnapshot(demo.url, { cookie, origin: demo.url })
      expect(board.queues.map(({ queueId }) => queueId).sort()).toEqual(own.map(({ id }) => id).sort())
      answers.push(JSON.stringify(board))
      const span = `from=${day}T00:00:00Z&to=${day}T23:00:00Z`
      const contacts = await pageFetch(page, `/api/v1/queues/${own[0]?.id}/contacts?${span}`)
      expect(contacts.status).toBe(200)
      expect(JSON.parse(contacts.text)).not.toEqual([])
      answers.push(contacts.text)

      const refused = [
        `/queues/${foreign[0]?.id}/contacts?${span}`,
        `/reports/day?date=${day}&queue=${foreign[0]?.id}`,
        `/plans/${own[0]?.id}/${day}`,
        '/sources',
        '/people',
        ...['site', 'client', 'promise', 'queue', 'team', 'agent', 'source'].map(
          (kind) => `/settings/${kind}`,
        ),
      ]
      for (const path of refused) {
        const { status, text } = await pageFetch(page, `/api/v1${path}`)
        expect([path, [403, 404].includes(status)]).toEqual([path, true])
        answers.push(text)
      }
      answers.push(await page.locator('body').innerText())
      const everything = answers.join('\n')
      for (const { id, body } of agents)
        for (const word of [`"${id}"`, body?.name ?? ''])
          expect([word, word !== '' && everything.includes(word)]).toEqual([word, false])
      for (const { id, body } of foreign)
        for (const word of [`"${id}"`, `${id},`, body?.name ?? ''])
          expect([word, word !== '' && everything.includes(word)]).toEqual([word, false])
      client.expectNoErrors(/ 40[34] /)
    })

    it('reads in its own language, sees the percentage with its counts, and downloads the PDF', async () => {
      const { page } = client
      expect(await page.locator('html').getAttribute('lang')).toBe('fr')
      await page.getByRole('link', { name: 'Comptes rendus' }).waitFor()
      const card = page.locator('[data-client]').first()
      const figure = async (name: string) =>
        Number(await card.locator(`[data-figure=${name}]`).first().getAttribute('data-value'))
      const [offered, answered, abandoned] = [
        await figure('offered'),
        await figure('answered'),
        await figure('abandoned'),
      ]
      expect(offered).toBeGreaterThan(100)
      expect(offered).toBe(
        answered +
          abandoned +
          (await figure('flowedOut')) +
          (await figure('lost')) +
          (await figure('waiting')),
      )
      expect(await card.locator('[data-figure=serviceLevel]').innerText()).toMatch(/^\d+,\d\s?%$/)

      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByTestId('download-pdf').click(),
      ])
      const path = join(await temporaryFolder(), 'day.pdf')
      await download.saveAs(path)
      const pdf = await readFile(path)
      expect(download.suggestedFilename()).toMatch(/^vigie-\d{4}-\d\d-\d\d\.pdf$/)
      expect(pdf.subarray(0, 4).toString('latin1')).toBe('%PDF')
      expect(pdf.length).toBeGreaterThan(1_000)
      expect(pdf.subarray(-1_024).toString('latin1')).toContain('%%EOF')
    })

    it('switches the language, and the choice lasts', async () => {
      const { page } = client
      await page.getByTestId('language').selectOption('en')
      await page.getByRole('link', { name: 'Day reports' }).waitFor()
      await page.reload()
      await page.getByRole('link', { name: 'Day reports' }).waitFor()
      expect(await page.locator('html').getAttribute('lang')).toBe('en')
      await page.getByTestId('language').selectOption('fr')
      await page.getByRole('link', { name: 'Comptes rendus' }).waitFor()
    })

    it('finds the wall and the desk closed', async () => {
      const { page } = client
      for (const address of ['wall', 'plan', 'setup/people']) {
        await page.goto(`${demo.url}/#/${address}`)
        await page.getByRole('heading', { name: 'Accès réservé' }).waitFor()
      }
      await page.goto(`${demo.url}/#/reports`)
      await page.getByTestId('report').waitFor()
    })
  })

  it('speaks French on the wall too', async () => {
    const { page } = supervisor
    await page.getByTestId('wall-options').click()
    await page.getByTestId('wall-language').click()
    expect(await page.locator('html').getAttribute('lang')).toBe('fr')
    await page.getByText('agents', { exact: false }).first().waitFor()
    await page.getByTestId('wall-language').click()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await page.keyboard.press('Escape')
  })

  it.each(['fr', 'en'])('fits a telephone without scrolling sideways (%s)', async (language) => {
    const { page } = director
    await page.setViewportSize(WALL)
    await page.goto(`${demo.url}/#/reports`)
    await page.getByTestId('language').selectOption(language)
    await page.setViewportSize(PHONE)
    for (const [address, there] of [
      ['wall', '[data-queue]'],
      ['plan', '[data-row=agents] input'],
      ['reports', '[data-client]'],
      ...['site', 'queues', 'clients', 'teams', 'agents', 'sources', 'people'].map(
        (section) => [`setup/${section}`, 'main h1'] as const,
      ),
    ] as const) {
      await page.goto(`${demo.url}/#/${address}`)
      await page.locator(there).first().waitFor()
      expect([address, await overflow(page)]).toEqual([address, 0])
    }
    await page.goto(`${demo.url}/#/reports`)
    await page.locator('details summary').first().click()
    await page.getByTestId('interval-order').first().waitFor()
    expect(await overflow(page)).toBe(0)
  })

  it('signs out, and the wall of that person goes dark', async () => {
    const { page } = director
    await page.setViewportSize(WALL)
    await page.goto(`${demo.url}/#/reports`)
    const second = await pages.page(director.context)
    await second.page.goto(`${demo.url}/#/wall`)
    await second.page.locator('[data-queue]').first().waitFor()
    await page.getByTestId('sign-out').click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    await second.page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    expect(await second.page.locator('[data-queue]').count()).toBe(0)
    director.expectNoErrors(/ 401 /)
    second.expectNoErrors(/ 401 /)
  })

  it('stops on request, and throws its folder away', async () => {
    await supervisor.page.close()
    const { status, stderr } = await demo.stop()
    expect(stderr.split('\n').filter((line) => line.includes('Error'))).toEqual([])
    expect(status).toBe(0)
  })
})
