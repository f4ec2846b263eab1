/** Generated bodies of the forecast part of the API, for looking at the page: one queue with a weekly shape, edits and special days. */
import { addDays, weekdayOf } from '../../server/domain/site-calendar.ts'
import type {
  AccuracyBody,
  ForecastComparisonBody,
  ForecastDayBody,
  ForecastEditBody,
  ForecastIntervalBody,
  ForecastRangeBody,
  ForecastRunBody,
  ForecastVersionBody,
  MethodChoiceBody,
  OneOffBody,
  SpecialDayBody,
} from '../../server/wire/forecast-api.ts'

const HALF_HOUR_MS = 1_800_000
const WEEK_SHAPE = [1.15, 1.05, 1, 0.98, 1.02, 0.45, 0] as const

export interface ForecastStubPlace {
  readonly today: string
  readonly nowMs: number
  readonly queueNames: readonly string[]
}

/** Undefined when the path is none of the forecast's. */
export function forecastAnswer(path: string, query: URLSearchParams, place: ForecastStubPlace): unknown {
  const from = query.get('from') ?? place.today
  const to = query.get('to') ?? from
  if (path === '/forecasts/special-days') return specialDays(place, from, to)
  if (path.startsWith('/forecasts/runs')) return run(place)
  const [, queueId, rest = ''] = /^\/forecasts\/([^/]+)(?:\/(.*))?$/.exec(path) ?? []
  if (queueId === undefined) return undefined
  if (rest === '') return range(place, queueId, from, to, query.get('detail') === 'intervals')
  if (rest.startsWith('edits')) return [edit(place, queueId, false), edit(place, queueId, true)]
  if (rest.startsWith('one-offs')) return [oneOff(place, queueId)]
  if (rest.endsWith('/versions')) return [version(place, 8, 'main+intraday'), version(place, 7, 'main')]
  if (rest.endsWith('/compare'))
    return comparison(place, queueId, from, query.get('left') ?? 'model', query.get('right') ?? 'effective')
  return undefined
}

/** Between −1 and 1, always the same for the same place. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453
  return 2 * (x - Math.floor(x)) - 1
}

function intervals(place: ForecastStubPlace, day: string): readonly ForecastIntervalBody[] {
  const startMs = Date.parse(`${day}T00:00:00Z`)
  const level = WEEK_SHAPE[weekdayOf(day)] ?? 1
  return Array.from({ length: 48 }, (_, index) => {
    const open = level > 0 && index >= 16 && index < 40
    const shape = 110 * Math.exp(-(((index - 21) / 4) ** 2)) + 80 * Math.exp(-(((index - 31) / 5) ** 2)) + 14
    const model = open ? level * shape : 0
    const edited = day === place.today && index >= 32 && index < 36
    const mean = edited ? model * 1.2 : model
    const at = startMs + index * HALF_HOUR_MS
    return {
      startMs: at,
      label: `${String(index >> 1).padStart(2, '0')}:${index % 2 === 0 ? '00' : '30'}`,
      open,
      modelContacts: model,
      modelAhtSeconds: 240,
      contactsMean: mean,
      contactsP2_5: mean * 0.76,
      contactsP10: mean * 0.85,
      contactsP90: mean * 1.15,
      contactsP97_5: mean * 1.25,
      rateCv: 0.09,
      ahtSeconds: 240 + (index % 5),
      ahtSecondsSd: 20,
      actualContacts:
        open && at + HALF_HOUR_MS <= place.nowMs ? Math.round(model * (1 + 0.12 * noise(at / 1e6))) : null,
      actualAhtSeconds: open && at + HALF_HOUR_MS <= place.nowMs ? 236 + (index % 7) : null,
      editedContacts: edited,
      editedAht: false,
      oneOff: day === place.today && index >= 18 && index < 20,
    }
  })
}

function dayBody(place: ForecastStubPlace, day: string, detail: boolean): ForecastDayBody {
  const parts = intervals(place, day)
  const sum = (pick: (part: ForecastIntervalBody) => number) =>
    parts.reduce((total, part) => total + pick(part), 0)
  const dayMean = sum((part) => part.contactsMean)
  const past = day < place.today
  const specials = specialDays(place, day, day)
  const error = 0.06 + 0.04 * Math.abs(noise(Date.parse(day) / 1e7)) + (specials.length > 0 ? 0.15 : 0)
  return {
    day,
    forecast: version(place, 7, day === place.today ? 'main+intraday' : 'main'),
    dayMean,
    dayP10: dayMean * 0.93,
    dayP90: dayMean * 1.08,
    modelDayMean: sum((part) => part.modelContacts),
    actualContacts: day > place.today ? null : sum((part) => part.actualContacts ?? 0),
    specialDays: specials,
    editCount: day === place.today ? 1 : 0,
    oneOffCount: day === place.today ? 1 : 0,
    accuracy: past && dayMean > 0 ? accuracy(dayMean, error) : null,
    modelAccuracy: null,
    ...(detail ? { intervals: parts } : {}),
  }
}

function accuracy(contacts: number, wape: number): AccuracyBody {
  return {
    intervals: 24,
    contacts,
    forecast: contacts * 1.01,
    wape,
    bias: 0.012,
    poissonFloorWape: 0.055,
    ahtWape: 0.07,
  }
}

function range(
  place: ForecastStubPlace,
  queueId: string,
  from: string,
  to: string,
  detail: boolean,
): ForecastRangeBody {
  const days: ForecastDayBody[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(dayBody(place, day, detail))
  const judged = days.filter((day) => day.accuracy !== null)
  return {
    queueId,
    queueName: place.queueNames[0] ?? queueId,
    zone: 'UTC',
    intervalMinutes: 30,
    today: place.today,
    nowMs: place.nowMs,
    method: methods(place, queueId),
    days,
    accuracy: judged.length > 0 ? accuracy(30_000, 0.083) : null,
    modelAccuracy: judged.length > 0 ? accuracy(30_000, 0.089) : null,
  }
}

function methods(place: ForecastStubPlace, queueId: string): MethodChoiceBody {
  const score = (method: MethodChoiceBody['method'], wape: number) => ({
    method,
    wape,
    dayWape: wape * 0.6,
    bias: 0.4 * (wape - 0.09),
    weightedQuantileLoss: wape * 0.45,
    coverage80: 0.81,
    coverage95: 0.94,
    poissonFloorWape: 0.055,
  })
  return {
    queueId,
    method: 'main',
    reason: 'compared',
    best: 'main',
    comparedAtMs: place.nowMs - 40_000_000,
    endDay: place.today,
    leadDays: 1,
    origins: 28,
    scores: [
      score('main', 0.081),
      score('blend', 0.084),
      score('same-weekday', 0.092),
      score('smoothing', 0.101),
      score('seasonal-naive', 0.124),
    ],
  }
}

function version(place: ForecastStubPlace, number: number, method: string): ForecastVersionBody {
  return {
    version: number,
    method,
    intraday: method.includes('+'),
    author: 'vigie',
    createdAtMs: place.nowMs - 700_000 * (9 - number),
    originMs: place.nowMs - 1_800_000,
    intervalMinutes: 30,
    dayMean: 1_990,
    dayP10: 1_850,
    dayP90: 2_140,
    poissonFloorWape: 0.055,
    notes: [{ kind: 'level-change', day: addDays(place.today, -9), ratio: 1.32 }],
    inputs: {
      historyFromDay: addDays(place.today, -400),
      historyToDay: addDays(place.today, -1),
      historyDays: 400,
      usableDays: 342,
      specialDays: [],
      oneOffMarks: 1,
      methodReason: 'compared',
      scores: [],
      borrowedFrom: null,
      editIds: [],
    },
  }
}

function specialDays(place: ForecastStubPlace, from: string, to: string): readonly SpecialDayBody[] {
  const base = { treatAsWeekday: null, impactRatio: null, lagDays: 0, lengthDays: 1, queueIds: [] }
  const all: readonly SpecialDayBody[] = [
    {
      ...base,
      day: addDays(place.today, 2),
      kind: 'event',
      name: 'Mailing de fin d’année aux abonnés',
      impactRatio: 1.35,
      lagDays: 1,
      lengthDays: 3,
      origin: 'setting',
      settingId: 'mailing',
      settingVersion: 2,
    },
    {
      ...base,
      day: addDays(place.today, -13),
      kind: 'holiday',
      name: 'Armistice 1918',
      treatAsWeekday: 6,
      origin: 'calendar',
      settingId: null,
      settingVersion: null,
    },
    {
      ...base,
      day: addDays(place.today, 31),
      kind: 'closed',
      name: 'Noël',
      origin: 'both',
      settingId: 'noel',
      settingVersion: 1,
    },
  ]
  return all.filter(({ day }) => day >= from && day <= to)
}

function edit(place: ForecastStubPlace, queueId: string, removed: boolean): ForecastEditBody {
  return {
    id: removed ? 'e2' : 'e1',
    queueId,
    measure: 'contacts',
    operation: removed ? 'set' : 'percent',
    fromDay: place.today,
    toDay: place.today,
    fromMinute: 960,
    toMinute: 1080,
    amount: removed ? 40 : 20,
    spread: 'each',
    reason: 'promotion on the radio',
    author: 'Ada',
    createdAtMs: place.nowMs - 4_000_000,
    cellCount: null,
    removedAtMs: removed ? place.nowMs : null,
    removedBy: removed ? 'Ada' : null,
  }
}

function oneOff(place: ForecastStubPlace, queueId: string): OneOffBody {
  return {
    id: 'o1',
    queueId,
    day: place.today,
    fromMinute: 540,
    toMinute: 600,
    reason: 'network down',
    author: 'Grace',
    createdAtMs: place.nowMs - 3_000_000,
    removedAtMs: null,
    removedBy: null,
  }
}

function run(place: ForecastStubPlace): ForecastRunBody {
  return {
    id: 'r1',
    kind: 'on-demand',
    state: 'done',
    author: 'Ada',
    startedAtMs: place.nowMs,
    finishedAtMs: place.nowMs,
    queuesTotal: 1,
    queuesDone: 1,
    currentQueueId: null,
    currentQueueName: null,
    step: null,
    forecastQueueIds: ['queue-0'],
    queuesWithoutHistory: [],
    failedQueueIds: [],
  }
}

function comparison(
  place: ForecastStubPlace,
  queueId: string,
  _from: string,
  left: string,
  right: string,
): ForecastComparisonBody {
  const parts = intervals(place, place.today)
  const side = (name: string) => ({
    side: name,
    version: null,
    accuracy: name === 'actuals' ? null : accuracy(1_200, name === 'model' ? 0.09 : 0.084),
  })
  return {
    queueId,
    day: place.today,
    left: side(left),
    right: side(right),
    intervals: parts.map((part) => ({
      startMs: part.startMs,
      label: part.label,
      open: part.open,
      left: part.modelContacts,
      right: part.contactsMean,
      difference: part.contactsMean - part.modelContacts,
      leftAhtSeconds: 240,
      rightAhtSeconds: 240,
      actual: part.actualContacts,
    })),
    total: { left: 1_900, right: 1_990, difference: 90, differenceRatio: 0.047 },
  }
}
