/** Marks a change by a one-second fade of the element's background; nothing moves, and nothing at all with reduced motion. */
import type { Attachment } from 'svelte/attachments'

const FADE_MS = 1000
/**
 * Fades at once. Where everything changes, marking everything says nothing, and a TV stick would spend its time on painting.
 */
const FADES_MAX = 24
const seen = new WeakMap<Element, unknown>()
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)')
let fading = 0
/** Colour by theme: asking for it after a change makes the browser lay the page out for each element again. */
const colours = new Map<string, string>()

export function flash(value: unknown): Attachment<HTMLElement> {
  return (element) => {
    const known = seen.has(element)
    const old = seen.get(element)
    seen.set(element, value)
    if (!known || old === value || reducedMotion.matches || fading >= FADES_MAX) return
    fading += 1
    const fade = element.animate([{ backgroundColor: flashColour() }, { backgroundColor: 'transparent' }], {
      duration: FADE_MS,
      easing: 'ease-out',
    })
    const ended = () => {
      fading -= 1
    }
    fade.finished.then(ended, ended)
  }
}

function flashColour(): string {
  const root = document.documentElement
  const theme = root.dataset.theme ?? ''
  const known = colours.get(theme)
  if (known !== undefined) return known
  const colour = getComputedStyle(root).getPropertyValue('--flash')
  colours.set(theme, colour)
  return colour
}
