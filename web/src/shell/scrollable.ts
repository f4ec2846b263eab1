/** Makes a box that scrolls reachable by keyboard, and names it for a screen reader. */
import type { Attachment } from 'svelte/attachments'

export function scrollable(name: string): Attachment<HTMLElement> {
  return (element) => {
    element.tabIndex = 0
    element.setAttribute('role', 'region')
    element.setAttribute('aria-label', name)
  }
}
