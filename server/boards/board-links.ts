/** Read-only ways in for screens: a link is opened once, by one screen, and ends for good when it is revoked. */
import type { Clock } from '../domain/clock.ts'
import type { Viewer } from '../domain/role.ts'
import { hashSecret, newId, newSecret } from '../people/secrets.ts'
import type { BoardLink } from '../wire/board-composition.ts'
import type { BoardLinkStore } from './board-store.ts'

/** More screens than a hall has; a program gone wild must not fill the database. */
export const LINKS_PER_BOARD_MAX = 100
/** The last use is for a person to read: so often is often enough. */
const TOUCH_EVERY_MS = 30_000
/** How long an answer is believed: another process may have revoked the link meanwhile. */
const CACHE_MS = 2_000
const CACHED_MAX = 5_000

export type BoardLinks = ReturnType<typeof createBoardLinks>

export function createBoardLinks(options: { readonly store: BoardLinkStore; readonly clock: Clock }) {
  const { store, clock } = options
  const cache = new Map<string, { readonly link: BoardLink | undefined; readonly untilMs: number }>()
  const touched = new Map<string, number>()
  const listeners = new Set<(linkId: string) => void>()

  async function linkOfSession(sessionHash: string): Promise<BoardLink | undefined> {
    const cached = cache.get(sessionHash)
    if (cached !== undefined && cached.untilMs > clock.nowMs()) return cached.link
    const link = await store.bySession(sessionHash)
    if (cache.size >= CACHED_MAX) cache.clear()
    cache.set(sessionHash, { link, untilMs: clock.nowMs() + CACHE_MS })
    if (link !== undefined) await touch(link.linkId)
    return link
  }
  async function touch(linkId: string): Promise<void> {
    const nowMs = clock.nowMs()
    if ((touched.get(linkId) ?? Number.NEGATIVE_INFINITY) > nowMs - TOUCH_EVERY_MS) return
    if (touched.size >= CACHED_MAX) touched.clear()
    touched.set(linkId, nowMs)
    await store.touch(linkId, nowMs)
  }

  return {
    ofBoard: (boardId: string) => store.ofBoard(boardId),

    /** Undefined when the board has as many links as it may have. */
    async create(boardId: string, label: string, createdBy: string) {
      if ((await store.ofBoard(boardId)).length >= LINKS_PER_BOARD_MAX) return undefined
      const secret = newSecret()
      const link: BoardLink = {
        linkId: newId(),
        boardId,
        label: label.trim(),
        createdAtMs: clock.nowMs(),
        createdBy,
        openedAtMs: null,
        lastUsedAtMs: null,
      }
      await store.add({ ...link, secretHash: hashSecret(secret) })
      return { link, secret }
    },

    /**
     * Exchanges a link's secret for a screen's own, once. The screen that holds it may come again by the same address:
     * `null` says that its cookie is still good. Undefined: unknown, revoked, or opened elsewhere.
     */
    async open(secret: string, ownSession: string | undefined): Promise<string | null | undefined> {
      const secretHash = hashSecret(secret)
      if (ownSession !== undefined) {
        const [own, asked] = [await store.bySession(hashSecret(ownSession)), await store.bySecret(secretHash)]
        if (own !== undefined && own.linkId === asked?.linkId) return null
      }
      const session = newSecret()
      const link = await store.open({
        secretHash,
        sessionHash: hashSecret(session),
        openedAtMs: clock.nowMs(),
      })
      return link === undefined ? undefined : session
    },

    async viewerOfSession(session: string): Promise<Viewer | undefined> {
      const link = await linkOfSession(hashSecret(session))
      if (link === undefined) return undefined
      return { kind: 'board', linkId: link.linkId, boardId: link.boardId, name: link.label, role: 'board' }
    },

    /** Whether the session (by its hash) may still watch. Said of an open socket, so it is a use. */
    async stillValid(sessionHash: string): Promise<boolean> {
      return (await linkOfSession(sessionHash)) !== undefined
    },

    async revoke(linkId: string): Promise<boolean> {
      const removed = await store.remove(linkId)
      cache.clear()
      if (removed) for (const listener of listeners) listener(linkId)
      return removed
    },

    onRevoked(listener: (linkId: string) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
