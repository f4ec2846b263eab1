/** Who reads the page, in which language and colours. One object for the whole page. */

import { addDays, siteDayOf } from '../../../server/domain/site-calendar.ts'
import type { Locale, MessageValues } from '../../../server/messages/message.ts'
import { type MessageKey, pickLocale, t } from '../../../server/messages/translate.ts'
import type { MeBody } from '../../../server/wire/api.ts'
import { ApiProblem, onUnauthorized, request } from './api.ts'

export type ThemeChoice = 'system' | 'light' | 'dark'
type SessionState = 'loading' | 'signed-in' | 'signed-out' | 'unreachable'

const LOCALE_KEY = 'vigie.locale'
const THEME_KEY = 'vigie.theme'
const WALL_THEME_KEY = 'vigie.wall-theme'

interface ShownAs {
  readonly theme: 'light' | 'dark' | null
  readonly locale: Locale | null
}

class Session {
  state = $state<SessionState>('loading')
  me = $state.raw<MeBody | null>(null)
  /** What the reader chose; a board may ask for another language while it is shown. */
  #ownLocale = $state<Locale>(storedLocale())
  #shownAs = $state.raw<ShownAs>({ theme: null, locale: null })
  theme = $state<ThemeChoice>(oneOf(read(THEME_KEY), ['system', 'light', 'dark'], 'system'))
  /** A wall is dark unless somebody asks for light: it hangs in a room with people in front of it all day. */
  wallTheme = $state<'light' | 'dark'>(oneOf(read(WALL_THEME_KEY), ['light', 'dark'], 'dark'))
  #loadedAtMs = 0

  get locale(): Locale {
    return this.#shownAs.locale ?? this.#ownLocale
  }

  /** The light that a composed board asks for; null where none is shown. */
  get boardTheme(): 'light' | 'dark' | null {
    return this.#shownAs.theme
  }

  /** A composed board brings its own language and light, for as long as it is shown. */
  showAs(shownAs: ShownAs): void {
    this.#shownAs = shownAs
  }

  get canPlan(): boolean {
    return this.me?.role === 'director' || this.me?.role === 'administrator'
  }

  get isClient(): boolean {
    return this.me?.role === 'client'
  }

  get zone(): string {
    return this.me?.zone ?? 'UTC'
  }

  /** The server's clock (maybe scaled), carried on from the last answer. */
  nowMs(): number {
    if (this.me === null) return Date.now()
    return this.me.nowMs + (performance.now() - this.#loadedAtMs) * this.me.clockSpeed
  }

  today(): string {
    return siteDayOf(this.zone, this.nowMs())
  }

  /** The last day that is over: what a report is usually about. */
  yesterday(): string {
    return addDays(this.today(), -1)
  }

  t(key: MessageKey, values?: MessageValues): string {
    return t(this.locale, key, values)
  }

  async load(): Promise<void> {
    try {
      this.me = await request<MeBody>('GET', '/me')
      this.#loadedAtMs = performance.now()
      this.state = 'signed-in'
    } catch (error) {
      this.state = error instanceof ApiProblem && error.status === 401 ? 'signed-out' : 'unreachable'
    }
  }

  /** Ends the session when the server says so; a server that does not answer changes nothing. */
  async checkSignedIn(): Promise<void> {
    await request('GET', '/me').catch(() => undefined)
  }

  async signIn(secret: string): Promise<void> {
    await request('POST', '/sign-in', { secret })
    await this.load()
  }

  async signOut(): Promise<void> {
    await request('POST', '/sign-out').catch(() => undefined)
    this.end()
  }

  /** The server no longer knows this session. */
  end(): void {
    this.me = null
    this.state = 'signed-out'
  }

  setLocale(locale: Locale): void {
    this.#ownLocale = locale
    write(LOCALE_KEY, locale)
  }

  setTheme(theme: ThemeChoice): void {
    this.theme = theme
    write(THEME_KEY, theme)
  }

  setWallTheme(theme: 'light' | 'dark'): void {
    this.wallTheme = theme
    write(WALL_THEME_KEY, theme)
  }
}

export const session = new Session()
onUnauthorized(() => session.end())

function storedLocale(): Locale {
  const stored = read(LOCALE_KEY)
  return stored === 'fr' || stored === 'en' ? stored : pickLocale(navigator.languages)
}

function oneOf<T extends string>(value: string | null, allowed: readonly T[], fallback: T): T {
  return allowed.find((name) => name === value) ?? fallback
}

// Storage may be forbidden (private windows, a locked-down TV stick): the choice then lasts as long as the page.
function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // As above.
  }
}
