/** Whether the page is being printed: paper has room for all that takes turns on a screen. */
import { flushSync } from 'svelte'

let running = $state(false)

// The browser lays the paper out as soon as the event is over: what it changes must stand there by then.
addEventListener('beforeprint', () =>
  flushSync(() => {
    running = true
  }),
)
addEventListener('afterprint', () => {
  running = false
})

export const printing = {
  get now(): boolean {
    return running
  },
}
