/** What is a new alert to somebody who asked for a tone: heard of once, and not when somebody looks after it already. */
import { expect, test } from 'vitest'
import { newAlerts } from '../../../web/src/board/new-alerts.ts'

const alert = (key: string, acknowledgedAtMs: number | null = null) => ({ key, acknowledgedAtMs })

test('an alert that was not there before is new; one that stays or is looked after is not', () => {
  const known = new Set(['a'])
  expect(newAlerts(known, [alert('a'), alert('b'), alert('c', 5)])).toEqual(['b'])
  expect(newAlerts(new Set(['a', 'b']), [alert('a', 7), alert('b')])).toEqual([])
  expect(newAlerts(new Set(), [])).toEqual([])
})
