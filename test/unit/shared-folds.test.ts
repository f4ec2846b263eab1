/** Folds of a past day that several ask for at once: one fold, but never one that began before what the asker has seen stored. */
import { describe, expect, it } from 'vitest'
import { SharedFolds } from '../../server/shared-folds.ts'
import type { LiveState } from '../../server/state/live-state.ts'

function ledgerOfFolds() {
  let endSeq = 10
  const begun: { readonly day: string; readonly state: LiveState; end(error?: Error): void }[] = []
  const folds = new SharedFolds({
    lastIngestSeq: async () => endSeq,
    load: (day) =>
      new Promise((resolve, reject) => {
        const state = { day, number: begun.length } as unknown as LiveState
        begun.push({ day, state, end: (error) => (error === undefined ? resolve(state) : reject(error)) })
      }),
  })
  const append = () => {
    endSeq += 1
  }
  /** Every promise that can go on has. */
  const settled = () => new Promise((done) => setImmediate(done))
  return { folds, begun, append, settled }
}

describe('folds of a past day', () => {
  it('are one for all who ask while it is under way, and another for the next day and for later', async () => {
    const { folds, begun, settled } = ledgerOfFolds()
    const asked = [folds.fold('2026-03-02'), folds.fold('2026-03-02'), folds.fold('2026-03-03')]
    await settled()
    expect(begun.map(({ day }) => day)).toEqual(['2026-03-02', '2026-03-03'])
    for (const { end } of begun) end()
    const [one, other, next] = await Promise.all(asked)
    expect(one).toBe(other)
    expect(next).not.toBe(one)
    const later = folds.fold('2026-03-02')
    await settled()
    expect(begun).toHaveLength(3)
    begun[2]?.end()
    expect(await later).not.toBe(one)
  })

  it('are begun anew for who asks after another event was stored, or after the settings changed', async () => {
    const { folds, begun, append, settled } = ledgerOfFolds()
    const before = folds.fold('2026-03-02')
    await settled()
    append()
    const after = folds.fold('2026-03-02')
    await settled()
    expect(begun).toHaveLength(2)
    // The older one ends first: the newer one stays the one to share.
    begun[0]?.end()
    expect(await before).toBe(begun[0]?.state)
    const shared = folds.fold('2026-03-02')
    await settled()
    expect(begun).toHaveLength(2)
    folds.forget()
    const bySettings = folds.fold('2026-03-02')
    await settled()
    expect(begun).toHaveLength(3)
    for (const { end } of begun) end()
    expect(await shared).toBe(await after)
    expect(await bySettings).toBe(begun[2]?.state)
  })

  it('that fail, fail for all who asked, and are tried again by the next', async () => {
    const { folds, begun, settled } = ledgerOfFolds()
    const asked = [folds.fold('2026-03-02'), folds.fold('2026-03-02')]
    await settled()
    begun[0]?.end(new Error('away'))
    for (const one of asked) await expect(one).rejects.toThrow('away')
    const again = folds.fold('2026-03-02')
    await settled()
    begun[1]?.end()
    expect(await again).toBe(begun[1]?.state)
  })
})
