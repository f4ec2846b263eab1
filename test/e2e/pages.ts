/** Pages of a real browser for the end-to-end tests: every console error and page error of a page is kept, and fails its test. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { launchBrowser } from '../support/browser.ts'

const DESK = { width: 1440, height: 900 }
export const WALL = { width: 1920, height: 1080 }
export const PHONE = { width: 390, height: 844 }

export interface WatchedPage {
  readonly page: Page
  readonly context: BrowserContext
  /** Fails on any error since the last call but those that the test provoked. */
  expectNoErrors(provoked?: RegExp): void
}

export class PageMaker {
  readonly #browser: Browser
  readonly #open: WatchedPage[] = []

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async launch(): Promise<PageMaker> {
    return new PageMaker(await launchBrowser())
  }

  /** A visitor without a session, in a browser of the given language. */
  async visitor(locale: 'en-GB' | 'fr-FR' = 'en-GB', viewport = DESK): Promise<WatchedPage> {
    const context = await this.#browser.newContext({ locale, viewport, acceptDownloads: true })
    return this.page(context)
  }

  /** Another page of the same person. */
  async page(context: BrowserContext): Promise<WatchedPage> {
    const page = await context.newPage()
    const errors: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        errors.push(`${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', (error) => errors.push(String(error)))
    const watched: WatchedPage = {
      page,
      context,
      expectNoErrors(provoked) {
        const found = errors.splice(0)
        expect(provoked === undefined ? found : found.filter((text) => !provoked.test(text))).toEqual([])
      },
    }
    this.#open.push(watched)
    return watched
  }

  /** For `afterEach`: a test that forgot to look fails here. */
  expectNoErrors(): void {
    for (const watched of this.#open) watched.expectNoErrors()
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }
}

/** Pixels by which a page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

/** The counts of every row of the wall, as the page has them right now. */
export function wallCounts(page: Page): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
  return page.evaluate(`Object.fromEntries(
    [...document.querySelectorAll('[data-testid=wall] [data-queue]')].map((row) => [
      row.dataset.queue,
      {
        offered: Number(row.dataset.offered),
        answered: Number(row.dataset.answered),
        abandoned: Number(row.dataset.abandoned),
        flowedOut: Number(row.dataset.flowedOut),
        lost: Number(row.dataset.lost),
        answeredWithinThreshold: Number(row.dataset.answeredWithin),
        abandonedWithinThreshold: Number(row.dataset.abandonedWithin),
      },
    ]),
  )`)
}

/** A request by the page itself, with the session of its reader. */
export async function pageFetch(
  page: Page,
  path: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return page.evaluate(
    `fetch(${JSON.stringify(path)}).then(async (answer) => ({ status: answer.status, text: await answer.text() }))`,
  )
}
