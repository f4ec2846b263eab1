/** What a simulated contact centre is made of: who calls when, how long it takes, who answers. Data only. */
import type { ClientSetting, OpeningHours, PromiseSetting } from '../domain/settings.ts'

/** A bump of the intraday shape, in hours of the local day. */
interface DemandBump {
  readonly atHour: number
  readonly widthHours: number
  readonly height: number
}

export interface QueuePlan {
  readonly id: string
  readonly name: string
  readonly clientId: string
  readonly openingHours: OpeningHours
  /** Expected first calls of a weekday of factor 1: redials and transfers come on top. */
  readonly contactsPerDay: number
  /** Monday first; a closed day needs none. */
  readonly weekdayFactors: readonly number[]
  readonly bumps: readonly DemandBump[]
  readonly talkSecondsMean: number
  readonly talkVariationRatio: number
  readonly acwSecondsMean: number
  readonly patienceSecondsMean: number
  readonly transferRatio: number
  readonly transferTo: string | null
  /** A caller who has waited this long leaves the queue for somewhere else. */
  readonly maxWait: { readonly seconds: number; readonly to: 'voicemail' | 'overflow' } | null
}

/** Members `from` to `to` (exclusive) of a team serve a queue; the team is sized for this share of its load. */
interface TeamSkill {
  readonly queueId: string
  readonly fromMember: number
  readonly toMember: number
  readonly loadShare: number
}

export interface TeamPlan {
  readonly id: string
  readonly name: string
  readonly members: number
  readonly skills: readonly TeamSkill[]
  /** On weekdays every n-th member is away from the phones in these local minutes, which no shift makes up for. */
  readonly training: {
    readonly fromMinute: number
    readonly minutes: number
    readonly everyNthMember: number
  } | null
}

export interface CentrePlan {
  readonly siteName: string
  readonly clients: readonly ({ readonly id: string } & ClientSetting)[]
  readonly promises: readonly ({ readonly id: string } & Omit<PromiseSetting, 'effectiveFrom'>)[]
  readonly queues: readonly QueuePlan[]
  readonly teams: readonly TeamPlan[]
  /** Square-root rule of the shifts: agents = load + safety × √load. */
  readonly staffingSafety: number
}

const MORNING_AND_AFTERNOON: readonly DemandBump[] = [
  { atHour: 10.5, widthHours: 1.6, height: 1 },
  { atHour: 15, widthHours: 2, height: 0.8 },
]
const EVENING: readonly DemandBump[] = [
  { atHour: 11, widthHours: 2, height: 0.7 },
  { atHour: 18.5, widthHours: 2, height: 1 },
]

interface Week {
  readonly weekday: readonly [number, number]
  readonly saturday?: readonly [number, number]
  readonly sunday?: readonly [number, number]
}

/** Opening hours from whole hours of the local day. */
export function weekOf({ weekday, saturday, sunday }: Week): OpeningHours {
  const toDay = (hours: readonly [number, number] | undefined) =>
    hours === undefined ? [] : [[hours[0] * 60, hours[1] * 60] as const]
  const days = [0, 1, 2, 3, 4].map(() => toDay(weekday))
  return [...days, toDay(saturday), toDay(sunday)]
}

export const DEFAULT_CENTRE_PLAN: CentrePlan = {
  siteName: 'Lyon',
  staffingSafety: 0.62,
  clients: [
    { id: 'meridia', name: 'Meridia Assurances' },
    { id: 'banque-alta', name: 'Banque Alta' },
    { id: 'borea', name: 'Boréa Énergie & Télécom' },
  ],
  promises: [
    promise('meridia-auto', 'meridia', ['assurance-auto'], [0.8, 20, 'SL4']),
    promise('meridia-voyage', 'meridia', ['voyage'], [0.75, 30, 'SL3']),
    promise('banque-alta', 'banque-alta', [], [0.85, 15, 'SL6']),
    promise('borea-urgences', 'borea', ['energie-urgences'], [0.9, 10, 'SL1']),
    promise(
      'borea-services',
      'borea',
      ['energie-contrats', 'telecom-fibre', 'telecom-mobile'],
      [0.8, 20, 'SL5'],
    ),
  ],
  queues: [
    {
      id: 'assurance-auto',
      name: 'Assurance Auto',
      clientId: 'meridia',
      openingHours: weekOf({ weekday: [8, 19], saturday: [9, 17] }),
      contactsPerDay: 720,
      weekdayFactors: [1.09, 1.02, 0.96, 0.95, 0.94, 0.5, 0],
      bumps: MORNING_AND_AFTERNOON,
      talkSecondsMean: 265,
      talkVariationRatio: 0.8,
      acwSecondsMean: 45,
      patienceSecondsMean: 240,
      transferRatio: 0.04,
      transferTo: 'voyage',
      maxWait: null,
    },
    {
      id: 'banque-cartes',
      name: 'Banque · Cartes',
      clientId: 'banque-alta',
      openingHours: weekOf({ weekday: [7, 22], saturday: [8, 20], sunday: [9, 18] }),
      contactsPerDay: 1070,
      weekdayFactors: [1.1, 1, 0.97, 0.98, 1.05, 0.56, 0.25],
      bumps: MORNING_AND_AFTERNOON,
      talkSecondsMean: 175,
      talkVariationRatio: 0.7,
      acwSecondsMean: 20,
      patienceSecondsMean: 150,
      transferRatio: 0.03,
      transferTo: 'banque-prets',
      maxWait: null,
    },
    {
      id: 'banque-prets',
      name: 'Banque · Prêts',
      clientId: 'banque-alta',
      openingHours: weekOf({ weekday: [9, 18] }),
      contactsPerDay: 360,
      weekdayFactors: [1.15, 1.03, 0.98, 0.94, 0.9, 0, 0],
      bumps: MORNING_AND_AFTERNOON,
      talkSecondsMean: 370,
      talkVariationRatio: 0.75,
      acwSecondsMean: 70,
      patienceSecondsMean: 300,
      transferRatio: 0.02,
      transferTo: 'banque-cartes',
      maxWait: { seconds: 480, to: 'voicemail' },
    },
    {
      id: 'energie-urgences',
      name: 'Énergie · Urgences',
      clientId: 'borea',
      openingHours: weekOf({ weekday: [6, 22], saturday: [7, 22], sunday: [8, 20] }),
      contactsPerDay: 350,
      weekdayFactors: [1.02, 1, 0.99, 0.98, 0.97, 0.7, 0.4],
      bumps: EVENING,
      talkSecondsMean: 195,
      talkVariationRatio: 0.9,
      acwSecondsMean: 30,
      patienceSecondsMean: 210,
      transferRatio: 0.05,
      transferTo: 'energie-contrats',
      maxWait: { seconds: 180, to: 'overflow' },
    },
    {
      id: 'energie-contrats',
      name: 'Énergie · Contrats',
      clientId: 'borea',
      openingHours: weekOf({ weekday: [8, 20], saturday: [9, 18] }),
      contactsPerDay: 440,
      weekdayFactors: [1.08, 1.04, 0.97, 0.93, 0.9, 0.45, 0],
      bumps: MORNING_AND_AFTERNOON,
      talkSecondsMean: 285,
      talkVariationRatio: 0.8,
      acwSecondsMean: 50,
      patienceSecondsMean: 220,
      transferRatio: 0.03,
      transferTo: 'energie-urgences',
      maxWait: null,
    },
    {
      id: 'telecom-fibre',
      name: 'Télécom · Fibre',
      clientId: 'borea',
      openingHours: weekOf({ weekday: [8, 21], saturday: [9, 19], sunday: [10, 18] }),
      contactsPerDay: 700,
      weekdayFactors: [1.07, 1.01, 0.98, 0.96, 0.91, 0.5, 0.2],
      bumps: EVENING,
      talkSecondsMean: 320,
      talkVariationRatio: 0.85,
      acwSecondsMean: 40,
      patienceSecondsMean: 200,
      transferRatio: 0.04,
      transferTo: 'telecom-mobile',
      maxWait: null,
    },
    {
      id: 'telecom-mobile',
      name: 'Télécom · Mobile',
      clientId: 'borea',
      openingHours: weekOf({ weekday: [8, 21], saturday: [9, 19], sunday: [10, 18] }),
      contactsPerDay: 720,
      weekdayFactors: [1.1, 1, 0.98, 0.97, 0.95, 0.52, 0.17],
      bumps: EVENING,
      talkSecondsMean: 255,
      talkVariationRatio: 0.8,
      acwSecondsMean: 35,
      patienceSecondsMean: 180,
      transferRatio: 0.04,
      transferTo: 'telecom-fibre',
      maxWait: null,
    },
    {
      id: 'voyage',
      name: 'Voyage',
      clientId: 'meridia',
      openingHours: weekOf({ weekday: [9, 19], saturday: [10, 17] }),
      contactsPerDay: 240,
      weekdayFactors: [1.08, 1, 0.98, 0.98, 0.96, 0.45, 0],
      bumps: MORNING_AND_AFTERNOON,
      talkSecondsMean: 300,
      talkVariationRatio: 0.9,
      acwSecondsMean: 60,
      patienceSecondsMean: 260,
      transferRatio: 0.02,
      transferTo: 'assurance-auto',
      maxWait: { seconds: 600, to: 'voicemail' },
    },
  ],
  teams: [
    team('garonne', 'Garonne', [
      ['assurance-auto', 0, 20, 1],
      ['voyage', 12, 20, 0.25],
    ]),
    team('loire', 'Loire', [
      ['banque-prets', 0, 20, 1],
      ['banque-cartes', 12, 20, 0.3],
    ]),
    {
      ...team('rhone', 'Rhône', [
        ['banque-cartes', 0, 20, 0.7],
        ['voyage', 0, 10, 0.75],
      ]),
      // Why the cards struggle in the afternoon.
      training: { fromMinute: 14 * 60, minutes: 105, everyNthMember: 2 },
    },
    team('seine', 'Seine', [
      ['energie-urgences', 0, 20, 1],
      ['energie-contrats', 0, 20, 1],
    ]),
    team('dordogne', 'Dordogne', [
      ['telecom-fibre', 0, 20, 0.9],
      ['telecom-mobile', 14, 20, 0.1],
    ]),
    team('meuse', 'Meuse', [
      ['telecom-mobile', 0, 20, 0.9],
      ['telecom-fibre', 12, 20, 0.1],
    ]),
  ],
}

function promise(
  id: string,
  clientId: string,
  queueIds: readonly string[],
  [targetRatio, answerThresholdSeconds, formula]: readonly [number, number, PromiseSetting['formula']],
): CentrePlan['promises'][number] {
  return { id, clientId, queueIds, targetRatio, answerThresholdSeconds, shortAbandonSeconds: 5, formula }
}

function team(
  id: string,
  name: string,
  skills: readonly (readonly [queueId: string, fromMember: number, toMember: number, loadShare: number])[],
): TeamPlan {
  return {
    id,
    name,
    members: 20,
    skills: skills.map(([queueId, fromMember, toMember, loadShare]) => ({
      queueId,
      fromMember,
      toMember,
      loadShare,
    })),
    training: null,
  }
}
