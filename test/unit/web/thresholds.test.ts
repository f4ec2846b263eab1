/** Alert thresholds as typed: what is shown is what is stored, and a bad field is named. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AlertThresholds, DEFAULT_ALERT_THRESHOLDS } from '../../../server/wire/alerts.ts'
import { thresholdDrafts, thresholdsOf } from '../../../web/src/setup/thresholds.ts'

const minutes = fc.integer({ min: 0, max: 480 })
const seconds = fc.option(fc.integer({ min: 5, max: 86_400 }))

describe('alert thresholds as typed', () => {
  it('come back as they were stored', () => {
    const bodies: fc.Arbitrary<AlertThresholds> = fc.record({
      levelMinutes: fc.option(minutes),
      longestWaitSeconds: seconds,
      coverageRatio: fc.option(fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100)),
      coverageMinutes: minutes,
      silentSourceSeconds: seconds,
    })
    fc.assert(
      fc.property(bodies, (body) => {
        expect(thresholdsOf(thresholdDrafts(body))).toEqual({ body, faults: {} })
      }),
    )
  })

  it('name the fields that are wrong', () => {
    const drafts = thresholdDrafts(DEFAULT_ALERT_THRESHOLDS)
    const wrong = (more: object) => Object.keys(thresholdsOf({ ...drafts, ...more }).faults)
    expect(wrong({ levelMinutes: '-1', longestWaitSeconds: '4', silentSourceSeconds: '86401' })).toEqual([
      'levelMinutes',
      'longestWaitSeconds',
      'silentSourceSeconds',
    ])
    expect(wrong({ levelMinutes: '1.5', coverageRatio: '0', coverageMinutes: '' })).toEqual([
      'levelMinutes',
      'coverageRatio',
      'coverageMinutes',
    ])
    expect(wrong({ longestWaitSeconds: 'two', coverageRatio: '101' })).toEqual([
      'longestWaitSeconds',
      'coverageRatio',
    ])
    expect(thresholdsOf({ ...drafts, coverageRatio: '72,5' }).body.coverageRatio).toBe(0.725)
  })
})
