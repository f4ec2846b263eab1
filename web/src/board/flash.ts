/** Marks a change by a one-second fade of the element's background; nothing moves, and nothing at all with reduced motion. */
import type { Attachment } from 'svelte/attachments'

const FADE_MS = 1000
const seen = new WeakMap<Element, unknown>()
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)')

export function flash(value: unknown): Attachment<HTMLElement> {
  return (element) => {
    const known = seen.has(element)
    const old = seen.get(element)
    seen.set(element, value)
    if (!known || old === value || reducedMotion.matches) return
    const colour = getComputedStyle(element).getPropertyValue('--flash')
    element.animate([{ backgroundColor: colour }, { backgroundColor: 'transparent' }], {
      duration: FADE_MS,
      easing: 'ease-out',
    })
  }
}
