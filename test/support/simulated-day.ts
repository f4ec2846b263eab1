/** Small simulated days for tests: two queues, two teams, 15 agents, some 500 contacts. */
import { type CentrePlan, weekOf } from '../../server/simulator/centre-plan.ts'
import {
  type ContactCentre,
  createContactCentre,
  type SimulatedDay,
} from '../../server/simulator/contact-centre.ts'

/** A Tuesday. */
export const SMALL_DAY = '2026-03-17'
export const SMALL_ZONE = 'Europe/Paris'

export const SMALL_PLAN: CentrePlan = {
  siteName: 'Petit site',
  staffingSafety: 0.5,
  clients: [
    { id: 'north', name: 'Nord' },
    { id: 'south', name: 'Sud' },
  ],
  promises: [
    {
      id: 'north',
      clientId: 'north',
      queueIds: [],
      targetRatio: 0.8,
      answerThresholdSeconds: 20,
      shortAbandonSeconds: 5,
      formula: 'SL4',
    },
    {
      id: 'south',
      clientId: 'south',
      queueIds: ['returns'],
      targetRatio: 0.75,
      answerThresholdSeconds: 30,
      shortAbandonSeconds: 5,
      formula: 'SL3',
    },
  ],
  queues: [
    {
      id: 'orders',
      name: 'Commandes',
      clientId: 'north',
      openingHours: weekOf({ weekday: [8, 18], saturday: [9, 13] }),
      contactsPerDay: 320,
      weekdayFactors: [1.1, 1, 1, 1, 0.9, 0.4, 0],
      bumps: [{ atHour: 10.5, widthHours: 2, height: 1 }],
      talkSecondsMean: 200,
      talkVariationRatio: 0.8,
      acwSecondsMean: 30,
      patienceSecondsMean: 150,
      transferRatio: 0.06,
      transferTo: 'returns',
      maxWait: null,
    },
    {
      id: 'returns',
      name: 'Retours',
      clientId: 'south',
      openingHours: weekOf({ weekday: [9, 17] }),
      contactsPerDay: 150,
      weekdayFactors: [1.1, 1, 1, 1, 0.9, 0, 0],
      bumps: [{ atHour: 14, widthHours: 2, height: 1 }],
      talkSecondsMean: 260,
      talkVariationRatio: 0.8,
      acwSecondsMean: 40,
      patienceSecondsMean: 200,
      transferRatio: 0.03,
      transferTo: 'orders',
      maxWait: { seconds: 240, to: 'voicemail' },
    },
  ],
  teams: [
    {
      id: 'east',
      name: 'Est',
      members: 9,
      skills: [{ queueId: 'orders', fromMember: 0, toMember: 9, loadShare: 1 }],
      training: { fromMinute: 13 * 60, minutes: 60, everyNthMember: 3 },
    },
    {
      id: 'west',
      name: 'Ouest',
      members: 6,
      skills: [
        { queueId: 'returns', fromMember: 0, toMember: 6, loadShare: 1 },
        { queueId: 'orders', fromMember: 4, toMember: 6, loadShare: 0 },
      ],
      training: null,
    },
  ],
}

export function smallCentre(seed: number): ContactCentre {
  return createContactCentre({ seed, zone: SMALL_ZONE, plan: SMALL_PLAN })
}

export function smallDay(seed: number, day = SMALL_DAY): SimulatedDay {
  return smallCentre(seed).simulateDay(day)
}
