/** The forecast page on the running product: a director changes a forecast by grid, range, drag and file, and it stays through a new forecast. */
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addDays, weekdayOf } from '../../server/domain/site-calendar.ts'
import type { MeBody, PlanDayBody, SettingBody } from '../../server/wire/api.ts'
import type { ForecastEditsBody, ForecastRangeBody, SpecialDaysBody } from '../../server/wire/forecast-api.ts'
import { browserMissing } from '../support/browser.ts'
import { type Demo, startDemo, temporaryFolder } from '../support/product.ts'
import { overflow, PageMaker, PHONE, pageFetch, type WatchedPage } from './pages.ts'
import { eventually } from './support.ts'

describe.skipIf(browserMissing !== undefined)(`the forecast page ${browserMissing ?? ''}`, () => {
  let demo: Demo
  let pages: PageMaker
  let director: WatchedPage
  let queueId = ''
  let today = ''
  /** A Monday to come. */
  let monday = ''

  beforeAll(async () => {
    demo = await startDemo(['--seed', '11', '--speed', '20'])
    pages = await PageMaker.launch()
    director = await pages.visitor('en-GB')
    await director.page.goto(demo.links.director)
    await director.page.getByTestId('plan-result').waitFor()
    const { nowMs, zone } = await json<MeBody>('/me')
    today = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(nowMs)
    monday = addDays(today, 7 - weekdayOf(today))
    const queues = await json<readonly SettingBody<'queue'>[]>('/settings/queue')
    queueId = queues[0]?.id ?? ''
  }, 240_000)
  afterEach(() => pages.expectNoErrors())
  afterAll(async () => {
    await pages?.close()
    await demo?.stop()
  })

  const json = async <T>(path: string, person = director): Promise<T> => {
    const { status, text } = await pageFetch(person.page, `/api/v1${path}`)
    expect([path, status]).toEqual([path, 200])
    return JSON.parse(text) as T
  }
  const open = async ({ page }: WatchedPage, day: string, span = '') => {
    await page.goto(`${demo.url}/#/forecast/${queueId}/${day}${span}`)
    await page.getByTestId('forecast-chart').waitFor()
    await page.getByTestId('quality').locator('svg, p').first().waitFor()
  }
  const total = async () =>
    Number(await director.page.locator('[data-figure=total]').getAttribute('data-value'))
  const cell = (place: number) => director.page.locator(`[data-cell="contacts ${place}"]`)
  const range = (day: string) => json<ForecastRangeBody>(`/forecasts/${queueId}?from=${day}&to=${day}`)
  const save = async (reason: string) => {
    const { page } = director
    const shown = await total()
    await page.getByTestId('reason').fill(reason)
    await page.getByTestId('save').click()
    await page.getByTestId('unsaved').waitFor({ state: 'detached' })
    // What was shown before it was saved is what the server says after.
    const stored = (await range(monday)).days[0]?.dayMean ?? 0
    expect(Math.abs(stored - shown)).toBeLessThan(1e-6 * shown)
    expect(await total()).toBeCloseTo(shown, 4)
  }

  it('shows the day’s forecast, and before it is saved what a typed hour does to the day and its agents', async () => {
    const { page } = director
    await open(director, monday)
    const before = await total()
    expect(before).toBeGreaterThan(0)
    await cell(3).fill('500')
    await cell(3).press('Enter')
    await page.getByTestId('unsaved').waitFor()
    expect(await page.locator('[data-figure=change]').textContent()).toMatch(/^[+−]/)
    expect(await page.locator('[data-figure=peak]').textContent()).toMatch(/^from \d+ to \d+/)
    expect(await total()).not.toBe(before)
    // Undo and redo by keyboard.
    await page.keyboard.press('Control+z')
    await page.getByTestId('unsaved').waitFor({ state: 'detached' })
    expect(await total()).toBe(before)
    await page.keyboard.press('Control+y')
    await page.getByTestId('unsaved').waitFor()
    expect(await cell(3).inputValue()).toBe('500')
    await save('mailing')
    expect(await cell(3).inputValue()).toBe('500')
  })

  it('changes a range by keyboard and operation, pastes a row and fills to the right', async () => {
    const { page } = director
    const values = await Promise.all(
      [4, 5].map(async (place) => Number((await cell(place).inputValue()).replace(',', ''))),
    )
    await cell(4).click()
    await page.keyboard.press('Shift+ArrowRight')
    expect(await page.getByTestId('chosen').textContent()).toMatch(/\d\d:00–\d\d:00/)
    await page.getByTestId('amount').fill('+20')
    await page.getByTestId('apply').click()
    for (const [index, place] of [4, 5].entries()) {
      const now = Number((await cell(place).inputValue()).replace(',', ''))
      expect(Math.abs(now - 1.2 * (values[index] ?? 0))).toBeLessThanOrEqual(1.2)
    }
    await page.evaluate(`(() => {
      const input = document.querySelector('[data-cell="contacts 6"]')
      input.focus()
      const data = new DataTransfer()
      data.setData('text', '120\\t130\\t140')
      input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    })()`)
    expect(await Promise.all([6, 7, 8].map((place) => cell(place).inputValue()))).toEqual([
      '120',
      '130',
      '140',
    ])
    await cell(8).click()
    await page.keyboard.press('Control+d')
    expect(await cell(9).inputValue()).toBe('140')
    // What is no number is told, and changes nothing.
    const unchanged = await total()
    await cell(9).fill('a lot')
    await cell(9).press('Tab')
    await page.getByTestId('wrong').waitFor()
    expect(await total()).toBe(unchanged)
    await save('promotion')
    const edits = await json<ForecastEditsBody>(`/forecasts/${queueId}/edits?from=${monday}&to=${monday}`)
    expect(edits.map(({ operation }) => operation).sort()).toEqual(['cells', 'percent', 'set'])
    for (const edit of edits) expect(edit).toMatchObject({ author: 'Demo director' })
  })

  it('drags a point of the chart: one step, one edit', async () => {
    const { page } = director
    const before = await total()
    const point = page.locator('[data-handle="2"]')
    const box = await point.boundingBox()
    if (box === null) throw new Error('the point is not on the page')
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2, box.y - 20, { steps: 6 })
    await page.mouse.up()
    expect(await total()).toBeGreaterThan(before)
    expect(await page.getByTestId('unsaved').locator('h2').textContent()).toBe('1 change not saved')
    await page.getByTestId('undo').click()
    expect(await total()).toBe(before)
    await page.getByTestId('redo').click()
    await save('weather')
  })

  it('keeps the edits through a new forecast', async () => {
    const { page } = director
    const version = (await range(monday)).days[0]?.forecast?.version ?? 0
    await page.getByTestId('rerun').click()
    await page.getByText('The new forecast is here.').waitFor()
    // Another run may have been under way: its end is awaited.
    director.expectNoErrors(/409 .*\/forecasts\/runs/)
    const now = (await range(monday)).days[0]
    expect(now?.forecast?.version).toBeGreaterThan(version)
    expect(now?.editCount).toBe(4)
    expect(await cell(3).inputValue()).toBe('500')
    expect(await Promise.all([6, 7, 8, 9].map((place) => cell(place).inputValue()))).toEqual([
      '120',
      '130',
      '140',
      '140',
    ])
    // The plan of the day requires agents for the edited forecast.
    const plan = await json<PlanDayBody>(`/plans/${queueId}/${monday}`)
    expect(plan.intervals.reduce((sum, interval) => sum + interval.contactsMean, 0)).toBeCloseTo(
      now?.dayMean ?? 0,
      3,
    )
  })

  it('follows a run of somebody else that is under way when the page is opened', async () => {
    const { page } = director
    const current = '**/api/v1/forecasts/runs/current'
    const answer = {
      id: '9',
      kind: 'on-demand',
      author: 'Grace',
      startedAtMs: 0,
      finishedAtMs: null,
      queuesTotal: 3,
      queuesDone: 1,
      currentQueueId: queueId,
      currentQueueName: 'Orders',
      step: 'forecasting',
      forecastQueueIds: [queueId],
      queuesWithoutHistory: [],
      failedQueueIds: [],
    }
    let over = false
    await page.route(current, (route) =>
      route.fulfill({ json: { ...answer, state: over ? 'done' : 'running' } }),
    )
    await page.reload()
    await page.getByTestId('run-progress').getByText('1 of 3').waitFor()
    // A new one can be asked for meanwhile: it waits for this one to end.
    expect(await page.getByTestId('rerun').isEnabled()).toBe(true)
    over = true
    await page.getByText('Grace forecast again: this is the new forecast.').waitFor()
    await page.getByTestId('run-progress').waitFor({ state: 'detached' })
    await page.unroute(current)
  })

  it('compares the model, a version and the forecast with its edits', async () => {
    const { page } = director
    await page.getByRole('tab', { name: 'Compare' }).click()
    await page.getByTestId('compare-total').waitFor()
    const day = (await range(monday)).days[0]
    const change = (day?.dayMean ?? 0) - (day?.modelDayMean ?? 0)
    expect(await page.getByTestId('compare-total').textContent()).toContain(
      `${change < 0 ? '−' : '+'}${Math.round(Math.abs(change)).toLocaleString('en-GB')} contacts`,
    )
    await page.locator('[data-row=compared-difference]').waitFor()
    const versions = await page
      .getByTestId('compare-left')
      .locator('option')
      .evaluateAll((all) => all.map((one) => one.getAttribute('value')))
    const first = versions.filter((one) => /^\d+$/.test(one ?? '')).at(-1) ?? ''
    await page.getByTestId('compare-left').selectOption(first)
    await page.locator('[data-row=left] th', { hasText: `version ${first}` }).waitFor()
    await page.getByRole('button', { name: 'Close the comparison' }).click()
    await page.locator('[data-row=compared-difference]').waitFor({ state: 'detached' })
  })

  it('takes an edit back and puts it back', async () => {
    const { page } = director
    const before = await total()
    await page.getByRole('tab', { name: /^Edits/ }).click()
    const newest = page.getByTestId('edits').locator('li').first()
    await newest.getByRole('button', { name: 'Take back' }).click()
    await page.getByTestId('forecast-notice').getByText('Taken back').waitFor()
    expect(await total()).not.toBe(before)
    await page.getByTestId('forecast-notice').getByRole('button', { name: 'Put back' }).click()
    await page.getByText('The edit is back.').waitFor()
    expect(await total()).toBeCloseTo(before, 6)
  })

  it('takes its own CSV back, and names the line of one that is wrong', async () => {
    const { page } = director
    const folder = await temporaryFolder()
    const { text } = await pageFetch(page, `/api/v1/forecasts/${queueId}/csv?from=${monday}&to=${monday}`)
    const [head = '', first = '', ...rest] = text.replace('\ufeff', '').trim().split(/\r?\n/)
    const column = head.split(',').indexOf('contacts')
    const changed = first
      .split(',')
      .map((value, index) => (index === column ? '77' : value))
      .join(',')
    await writeFile(join(folder, 'good.csv'), [head, changed, ...rest].join('\n'))
    await writeFile(join(folder, 'bad.csv'), [head, first.replace(/,[^,]*/, ',never')].join('\n'))
    const before = (await range(monday)).days[0]?.dayMean
    await page.getByTestId('csv-file').setInputFiles(join(folder, 'bad.csv'))
    await page.getByTestId('csv-reason').fill('from the spreadsheet')
    await page.getByTestId('csv-upload').click()
    await page.getByTestId('places').getByText('Line 2').waitFor()
    director.expectNoErrors(/422 /)
    expect((await range(monday)).days[0]?.dayMean).toBe(before)
    await page.getByTestId('csv-file').setInputFiles(join(folder, 'good.csv'))
    await page.getByTestId('csv-upload').click()
    await page.getByText('taken over from the file').waitFor()
    const detail = await json<ForecastRangeBody>(
      `/forecasts/${queueId}?from=${monday}&to=${monday}&detail=intervals`,
    )
    expect(detail.days[0]?.intervals?.find((interval) => interval.open)?.contactsMean).toBeCloseTo(77, 6)
  })

  it('knows an event that was entered, pins a method, and marks both', async () => {
    const { page } = director
    await page.getByRole('tab', { name: 'Special days' }).click()
    await page.getByTestId('add-special-day').click()
    await page.getByTestId('special-name').fill('Spring sale')
    await page.getByTestId('special-impact').fill('150')
    await page.getByTestId('special-length').fill('2')
    await page.getByTestId('special-save').click()
    await page.getByTestId('special-days').getByText('Spring sale').waitFor()
    await page.getByText('The new forecast is here.').waitFor()
    await page.getByTestId('chips').getByText('Spring sale').waitFor()
    const known = await json<SpecialDaysBody>(`/forecasts/special-days?from=${monday}&to=${monday}`)
    expect(known.find(({ name }) => name === 'Spring sale')).toMatchObject({
      impactRatio: 1.5,
      lengthDays: 2,
      kind: 'event',
    })
    await page.getByRole('tab', { name: 'Method and version' }).click()
    await page.locator('[data-method=smoothing]').getByRole('button', { name: 'Pin' }).click()
    await page.locator('[data-method=smoothing]').getByText('used, pinned').waitFor()
    await eventually(async () => expect((await range(monday)).days[0]?.forecast?.method).toBe('smoothing'))
    await page.locator('[data-method=smoothing]').getByRole('button', { name: 'Release' }).click()
    await page.locator('[data-method=smoothing]').getByText('pinned').waitFor({ state: 'detached' })
    // A changed setting makes the server forecast again by itself: the page waits for that run, too.
    director.expectNoErrors(/409 .*\/forecasts\/runs/)
  })

  it('lets the supervisor read all and mark a one-off, and change nothing else', async () => {
    const supervisor = await pages.visitor('fr-FR')
    await supervisor.page.goto(demo.links.supervisor)
    await supervisor.page.getByTestId('wall').waitFor()
    const yesterday = addDays(today, -1)
    await open(supervisor, yesterday)
    expect(await supervisor.page.locator('[data-cell]').count()).toBe(0)
    expect(await supervisor.page.getByTestId('rerun').count()).toBe(0)
    await supervisor.page.getByRole('tab', { name: 'Jours particuliers' }).click()
    await supervisor.page.getByTestId('one-off-day').fill(yesterday)
    await supervisor.page.getByTestId('one-off-from').fill('10:00')
    await supervisor.page.getByTestId('one-off-to').fill('11:00')
    await supervisor.page.getByTestId('one-off-reason').fill('panne de réseau')
    await supervisor.page.getByTestId('one-off-save').click()
    await supervisor.page.getByTestId('one-offs').getByText('panne de réseau').waitFor()
    expect((await range(yesterday)).days[0]?.oneOffCount).toBe(1)
    await supervisor.context.close()
  })

  it('shows a week, four weeks and a quarter in both languages without scrolling sideways, clean by axe', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    const { page } = director
    const found: string[] = []
    for (const viewport of [{ width: 1440, height: 900 }, PHONE]) {
      await page.setViewportSize(viewport)
      for (const span of ['', '/week', '/four-weeks', '/quarter']) {
        await open(director, today, span)
        expect([span, viewport.width, await overflow(page)]).toEqual([span, viewport.width, 0])
        await page.evaluate(axe)
        const { violations } = (await page.evaluate('axe.run()')) as AxeResults
        found.push(...violations.map(({ id, nodes }) => `${span} ${id}: ${nodes[0]?.html.slice(0, 120)}`))
      }
    }
    expect(found).toEqual([])
  })
})
