/** Special days and how a queue is forecast, as settings: what is refused, and what may not be removed under them. */
import { describe, expect, it } from 'vitest'
import type { ForecastSetting, SpecialDaySetting } from '../../../server/domain/settings.ts'
import { settingProblems } from '../../../server/setup/setting-rules.ts'

const special: SpecialDaySetting = {
  name: 'Sale',
  day: '2026-11-27',
  kind: 'event',
  treatAsWeekday: null,
  impactRatio: 1.4,
  lagDays: 1,
  lengthDays: 3,
  queueIds: ['orders'],
}
const forecast: ForecastSetting = { method: 'blend', borrowProfileFrom: 'orders' }
const known = { has: (kind: string, id: string) => kind === 'queue' && id === 'orders' }

describe('settings of the forecast', () => {
  it('are taken when they can be', () => {
    expect(settingProblems('special-day', special, known)).toEqual([])
    for (const kind of ['holiday', 'eve', 'closed', 'missing', 'normal'])
      expect(
        settingProblems('special-day', { ...special, kind, impactRatio: null, treatAsWeekday: 6 }, known),
      ).toEqual([])
    expect(settingProblems('forecast', forecast, known)).toEqual([])
    expect(settingProblems('forecast', { method: null, borrowProfileFrom: null }, known)).toEqual([])
    for (const expectedContactsPerDay of [null, 1, 12.5, 40_000])
      expect(settingProblems('forecast', { ...forecast, expectedContactsPerDay }, known)).toEqual([])
  })

  const bad: readonly (readonly ['special-day' | 'forecast', object, string])[] = [
    ['special-day', { day: '2026-02-30' }, '/day'],
    ['special-day', { kind: 'party' }, '/kind'],
    ['special-day', { treatAsWeekday: 7 }, '/treatAsWeekday'],
    ['special-day', { treatAsWeekday: 1.5 }, '/treatAsWeekday'],
    ['special-day', { impactRatio: -0.1 }, '/impactRatio'],
    ['special-day', { impactRatio: Number.NaN }, '/impactRatio'],
    ['special-day', { lagDays: -1 }, '/lagDays'],
    ['special-day', { lengthDays: 0 }, '/lengthDays'],
    ['special-day', { queueIds: ['nobody'] }, '/queueIds'],
    ['special-day', { name: '' }, '/name'],
    ['forecast', { method: 'oracle' }, '/method'],
    ['forecast', { borrowProfileFrom: 'nobody' }, '/borrowProfileFrom'],
    ['forecast', { expectedContactsPerDay: 0 }, '/expectedContactsPerDay'],
    ['forecast', { expectedContactsPerDay: '300' }, '/expectedContactsPerDay'],
    ['forecast', { expectedContactsPerDay: Number.NaN }, '/expectedContactsPerDay'],
  ]
  for (const [kind, change, pointer] of bad)
    it(`of ${kind} point at ${pointer}: ${JSON.stringify(change)}`, () => {
      const body = kind === 'forecast' ? { ...forecast, ...change } : { ...special, ...change }
      expect(settingProblems(kind, body, known).map((problem) => problem.pointer)).toEqual([pointer])
    })
})
