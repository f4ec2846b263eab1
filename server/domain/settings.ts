/** What an administrator sets up. Every kind is kept as versions: who changed what, when; a past figure keeps the version it was made with. */
import type { IntervalView, ServiceLevelFormula } from './service-level.ts'

export type IntervalMinutes = 5 | 15 | 30 | 60

/** Minutes of the local day, [from, to); `to` may be 1440. Seven lists, Monday first. An empty list is closed. */
export type OpeningHours = readonly (readonly (readonly [fromMinute: number, toMinute: number])[])[]

export const ALWAYS_OPEN: OpeningHours = [0, 1, 2, 3, 4, 5, 6].map(() => [[0, 1440]] as const)

export interface SiteSetting {
  readonly name: string
  readonly zone: string
  /** ISO 4217, for the cost of a plan. */
  readonly currency: string
  readonly costPerAgentHour: number
  readonly shrinkageRatio: number
  /** Country (and region) whose holidays the forecast knows, ISO 3166 as in `FR` or `DE-BY`; empty = none. */
  readonly holidayRegion: string
  /** Days after receipt; null or absent = as RETENTION_DAYS says. */
  readonly eventDaysKept?: number | null
  readonly rawDaysKept?: number | null
  readonly callerDaysKept?: number | null
  readonly deadLetterDaysKept?: number | null
}

/** How long what is kept where nobody has said otherwise: thirteen months of events, a week of callers' numbers. */
export const RETENTION_DAYS = {
  eventDaysKept: 400,
  rawDaysKept: 30,
  callerDaysKept: 7,
  deadLetterDaysKept: 30,
} as const satisfies Partial<SiteSetting>

export interface ClientSetting {
  readonly name: string
}

/** The promise to a client for a set of queues: "80 % in 20 s by SL4". Applies from `effectiveFrom` (site day). */
export interface PromiseSetting {
  readonly clientId: string
  /** Empty = every queue of the client. */
  readonly queueIds: readonly string[]
  readonly targetRatio: number
  readonly answerThresholdSeconds: number
  readonly shortAbandonSeconds: number
  readonly formula: ServiceLevelFormula
  /** In which interval a contact counts; by arrival where it is not said. */
  readonly view?: IntervalView
  readonly effectiveFrom: string
}

export interface QueueSetting {
  readonly name: string
  readonly clientId: string | null
  readonly zone: string
  readonly intervalMinutes: IntervalMinutes
  readonly openingHours: OpeningHours
  readonly patienceSecondsMean: number
  /** Other ids by which feeds name this queue. */
  readonly aliases?: readonly string[]
  /** How its calls are counted where no promise says so; null or absent: the trade's usual. */
  readonly answerThresholdSeconds?: number | null
  readonly shortAbandonSeconds?: number | null
  readonly formula?: ServiceLevelFormula | null
  /** Set when the queue appeared in a feed before anybody set it up. */
  readonly unconfirmed: boolean
}

/** What a feed may say of a queue of its own: a proposal, in force until a person sets the queue up. */
export type ToldQueue = Partial<
  Pick<
    QueueSetting,
    'name' | 'zone' | 'openingHours' | 'answerThresholdSeconds' | 'shortAbandonSeconds' | 'formula'
  >
>

export interface TeamSetting {
  readonly name: string
}

export interface AgentSetting {
  readonly name: string
  readonly teamId: string | null
  /** Other ids by which feeds name this person: SIP/551 and LOCAL/551@agents are one. */
  readonly aliases?: readonly string[]
  readonly unconfirmed: boolean
}

export interface SourceSetting {
  /** `http`, `socket-io`, `import`, … */
  readonly adapter: string
  readonly url: string | null
  /** Adapter's own options, without secrets. */
  readonly options: Readonly<Record<string, unknown>>
  readonly enabled: boolean
}

/** What a special day is treated as; `normal` = a holiday of the region's calendar that is an ordinary day here. */
export const SPECIAL_DAY_TREATMENTS = ['holiday', 'eve', 'closed', 'missing', 'event', 'normal'] as const
export type SpecialDayTreatment = (typeof SPECIAL_DAY_TREATMENTS)[number]

/** A day known in advance to differ: replaces the holiday that the region's calendar has on that day, if any. */
export interface SpecialDaySetting {
  readonly name: string
  readonly day: string
  readonly kind: SpecialDayTreatment
  /** 0 = Monday … 6 = Sunday; null = the model decides. */
  readonly treatAsWeekday: number | null
  /** Events: volume ÷ usual volume; null = learned from earlier events of the same name. */
  readonly impactRatio: number | null
  /** Days between the day and its first effect. */
  readonly lagDays: number
  /** How many days it acts. */
  readonly lengthDays: number
  /** Empty = every queue. */
  readonly queueIds: readonly string[]
}

export const FORECAST_METHODS = ['main', 'same-weekday', 'seasonal-naive', 'smoothing', 'blend'] as const

/** How one queue is forecast; the setting's id is the queue's. */
export interface ForecastSetting {
  /** Null = the best of the rolling comparison. */
  readonly method: (typeof FORECAST_METHODS)[number] | null
  /** A queue whose shape of the day a new queue borrows as long as it has few days of its own. */
  readonly borrowProfileFrom: string | null
  /**
   * Contacts of a usual open day, as expected of a queue that has no past: its level until the first day of its own is closed.
   * Null or absent: the level of the queue that it borrows from.
   */
  readonly expectedContactsPerDay?: number | null
}

export interface SettingBodies {
  readonly site: SiteSetting
  readonly client: ClientSetting
  readonly promise: PromiseSetting
  readonly queue: QueueSetting
  readonly team: TeamSetting
  readonly agent: AgentSetting
  readonly source: SourceSetting
  readonly 'special-day': SpecialDaySetting
  readonly forecast: ForecastSetting
}
export type SettingKind = keyof SettingBodies
export const SETTING_KINDS: readonly SettingKind[] = [
  'site',
  'client',
  'promise',
  'queue',
  'team',
  'agent',
  'source',
  'special-day',
  'forecast',
]

/** One version of one thing that was set. `body` null = removed. */
export interface SettingVersion<K extends SettingKind = SettingKind> {
  readonly kind: K
  readonly id: string
  readonly version: number
  readonly changedAtMs: number
  readonly changedBy: string
  readonly body: SettingBodies[K] | null
}

export const DEFAULT_SITE_ID = 'site'
export const DEFAULT_SITE: SiteSetting = {
  name: 'Vigie',
  zone: 'UTC',
  currency: 'EUR',
  costPerAgentHour: 28,
  shrinkageRatio: 0.3,
  holidayRegion: '',
}

export function defaultQueue(queueId: string, zone: string): QueueSetting {
  return {
    name: queueId,
    clientId: null,
    zone,
    intervalMinutes: 30,
    openingHours: ALWAYS_OPEN,
    patienceSecondsMean: 180,
    unconfirmed: true,
  }
}
