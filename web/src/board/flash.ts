/** Marks a change by a one-second fade over the element; nothing moves, and nothing at all with reduced motion. */
import type { Attachment } from 'svelte/attachments'

const FADE_MS = 1000
/**
 * Fades at once. Where everything changes, marking everything says nothing, and a TV stick would spend its time on painting.
 */
const FADES_MAX = 24
const seen = new WeakMap<Element, unknown>()
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)')
let fading = 0

/**
 * What fades is the opacity of a veil over the element (`[data-flash]::after` in tokens.css): a browser does that without
 * the page's own thread, where a fading background would have it paint the element sixty times.
 */
export function flash(value: unknown): Attachment<HTMLElement> {
  return (element) => {
    const known = seen.has(element)
    const old = seen.get(element)
    seen.set(element, value)
    element.dataset.flash = ''
    if (!known || old === value || reducedMotion.matches || fading >= FADES_MAX) return
    fading += 1
    const fade = element.animate([{ opacity: 1 }, { opacity: 0 }], {
      duration: FADE_MS,
      easing: 'ease-out',
      pseudoElement: '::after',
    })
    const ended = () => {
      fading -= 1
    }
    fade.finished.then(ended, ended)
  }
}
