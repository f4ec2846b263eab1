/** Turns the pages of a list that is longer than its tile, where nobody can scroll, and tells how many there are. */
import type { Attachment } from 'svelte/attachments'
import { type ListBox, type ListPages, listPages } from './list-pages.ts'

const SETTLED_MS = 150

export interface TurnOptions {
  /** Nobody sits before it who could scroll. */
  readonly turns: boolean
  readonly everyMs: number
  readonly onpages: (pages: ListPages) => void
}

/** On what holds the scrolling box: the box itself comes and goes with what a tile has to show. */
export function turnPages({ turns, everyMs, onpages }: TurnOptions): Attachment<HTMLElement> {
  return (content) => {
    const look = () => {
      const box = content.querySelector<HTMLElement>(':scope > .scroll')
      onpages(box === null ? { count: 1, page: 1, nextTop: 0 } : listPages(measured(box)))
    }
    // Measuring makes the browser lay out at once: not in the middle of an update, and once for many changes.
    let waiting: ReturnType<typeof setTimeout> | undefined
    const later = () => {
      waiting ??= setTimeout(() => {
        waiting = undefined
        look()
      }, SETTLED_MS)
    }
    const timer = setInterval(() => {
      const box = content.querySelector<HTMLElement>(':scope > .scroll')
      if (box === null || !turns) return
      box.scrollTop = listPages(measured(box)).nextTop
    }, everyMs)
    const sizes = new ResizeObserver(later)
    sizes.observe(content)
    // Rows that come or go change the box's content, not its own size.
    const rows = new MutationObserver(later)
    rows.observe(content, { childList: true, subtree: true })
    content.addEventListener('scroll', later, { capture: true, passive: true })
    later()
    return () => {
      clearInterval(timer)
      clearTimeout(waiting)
      sizes.disconnect()
      rows.disconnect()
      content.removeEventListener('scroll', later, { capture: true })
    }
  }
}

function measured(box: HTMLElement): ListBox {
  const heightOf = (selector: string) => box.querySelector<HTMLElement>(selector)?.offsetHeight ?? 0
  return {
    scrollHeight: box.scrollHeight,
    clientHeight: box.clientHeight,
    scrollTop: box.scrollTop,
    fixedHeight: heightOf('thead tr') + heightOf('tfoot tr'),
    rowHeight: heightOf('tbody tr, li'),
  }
}
