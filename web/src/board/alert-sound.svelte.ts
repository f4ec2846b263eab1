/** A short tone for a new alert, for whoever asked for it in the wall's options; silent otherwise. */

import { newAlerts } from './new-alerts.ts'

const KEY = 'vigie.alert-sound'
/** Alerts often come together: one tone for all of them, and not again at once. */
const EVERY_MS_MIN = 10_000
/** Two soft notes, the second lower; heard across a room at a moderate volume, and startling nobody. */
const NOTES = [
  { hertz: 660, atSeconds: 0 },
  { hertz: 495, atSeconds: 0.18 },
] as const
const NOTE_SECONDS = 0.16
const GAIN = 0.08

export class AlertSound {
  asked = $state(stored())
  #context: AudioContext | null = null
  /** Null until the first list: what was there when the page opened is not new. */
  #known: ReadonlySet<string> | null = null
  #playedAtMs = Number.NEGATIVE_INFINITY

  /** By a press, as browsers ask for it; the tone is heard at once, so that one knows what it will be. */
  ask(asked: boolean): void {
    this.asked = asked
    try {
      localStorage.setItem(KEY, asked ? '1' : '0')
    } catch {
      // The choice then lasts as long as the page.
    }
    if (asked) this.#play()
  }

  /** A browser plays nothing on a page that nobody has touched since it was loaded: any press will do. */
  wake(): void {
    if (this.asked && this.#context?.state === 'suspended') void this.#context.resume()
  }

  hear(alerts: readonly { readonly key: string; readonly acknowledgedAtMs: number | null }[]): void {
    const known = this.#known
    this.#known = new Set(alerts.map(({ key }) => key))
    if (known === null || !this.asked || newAlerts(known, alerts).length === 0) return
    if (performance.now() - this.#playedAtMs >= EVERY_MS_MIN) this.#play()
  }

  #play(): void {
    this.#playedAtMs = performance.now()
    this.#context ??= new AudioContext()
    const context = this.#context
    for (const { hertz, atSeconds } of NOTES) {
      const startAt = context.currentTime + atSeconds
      const tone = context.createOscillator()
      const volume = context.createGain()
      tone.frequency.value = hertz
      // Begins and ends softly: a tone that is cut off clicks.
      volume.gain.setValueAtTime(0, startAt)
      volume.gain.linearRampToValueAtTime(GAIN, startAt + 0.02)
      volume.gain.linearRampToValueAtTime(0, startAt + NOTE_SECONDS)
      tone.connect(volume).connect(context.destination)
      tone.start(startAt)
      tone.stop(startAt + NOTE_SECONDS)
    }
  }
}

function stored(): boolean {
  try {
    return localStorage.getItem(KEY) === '1'
  } catch {
    return false
  }
}
