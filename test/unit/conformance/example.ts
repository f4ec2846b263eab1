/** The folder of server/conformance/README.md, made from a list of calls; its figures are counted from the list by hand. */

interface Call {
  readonly id: string
  /** Seconds after 09:00. */
  readonly atSecond: number
  readonly waitSeconds: number
  readonly talkSeconds: number | null
}

/** Null talk: the caller gave up. */
const CALLS: readonly Call[] = [
  { id: 'call-1', atSecond: 0, waitSeconds: 8, talkSeconds: 120 },
  { id: 'call-2', atSecond: 40, waitSeconds: 32, talkSeconds: 60 },
  { id: 'call-3', atSecond: 65, waitSeconds: 3, talkSeconds: null },
  { id: 'call-4', atSecond: 1_900, waitSeconds: 25, talkSeconds: null },
]
const START_MS = Date.UTC(2024, 5, 3, 9)

function at(second: number): string {
  return new Date(START_MS + second * 1000).toISOString()
}

function eventsOf({ id, atSecond, waitSeconds, talkSeconds }: Call): readonly object[] {
  const base = { specversion: '1.0', source: 'pbx' }
  const contact = { contactId: id, queueId: 'sales' }
  const answeredAt = atSecond + waitSeconds
  const queued = {
    ...base,
    id: `${id}-queued`,
    type: 'cc.contact.queued.v1',
    time: at(atSecond),
    data: contact,
  }
  if (talkSeconds === null)
    return [
      queued,
      {
        ...base,
        id: `${id}-abandoned`,
        type: 'cc.contact.abandoned.v1',
        time: at(answeredAt),
        data: contact,
      },
    ]
  return [
    queued,
    {
      ...base,
      id: `${id}-answered`,
      type: 'cc.contact.answered.v1',
      time: at(answeredAt),
      data: { ...contact, agentId: 'ada' },
    },
    {
      ...base,
      id: `${id}-ended`,
      type: 'cc.contact.ended.v1',
      time: at(answeredAt + talkSeconds),
      data: { contactId: id, agentId: 'ada' },
    },
  ]
}

/** Files of the folder by name. */
export function exampleFolder(): Readonly<Record<string, string>> {
  return {
    'manifest.json': pretty({
      name: 'four calls',
      zone: 'UTC',
      files: [{ format: 'cloudevents', paths: ['events.ndjson'], source: 'pbx' }],
      answerThresholdSeconds: 20,
      shortAbandonSeconds: 5,
      intervalMinutes: 30,
    }),
    'events.ndjson': `${CALLS.flatMap(eventsOf)
      .map((event) => JSON.stringify(event))
      .join('\n')}\n`,
    // Mean wait of the answered: (8 + 32) ÷ 2. Mean talk: (120 + 60) ÷ 2.
    'expected.json': pretty({
      date: '2024-06-03',
      queues: [
        {
          queue: 'sales',
          offered: 4,
          answered: 2,
          abandoned: 2,
          answeredWithinThreshold: 1,
          abandonedWithinThreshold: 1,
          shortAbandons: 1,
          asaSeconds: 20,
          waitSecondsMax: 32,
          talkSecondsMean: 90,
          intervals: [
            { start: '2024-06-03T09:00:00Z', offered: 3, answered: 2 },
            { start: '2024-06-03T09:30:00Z', offered: 1, abandoned: 1 },
          ],
          agents: [{ agent: 'ada', answered: 2, talkSeconds: 180 }],
        },
      ],
    }),
  }
}

/**
 * Five calls of one queue and the hour of two agents, each figure counted by hand. T is 20 s. Waits: 3 (gave up), 8, 12,
 * 25 (gave up) and 40 s. `late` arrives ten seconds before the half hour and is over T ten seconds after it.
 */
export function viewsFolder(): Readonly<Record<string, string>> {
  const ada = { agentId: 'ada' }
  const events = [
    told('agent.logged-on', 0, ada),
    told('agent.queue-joined', 0, { ...ada, queueId: 'sales' }),
    ...answeredCall('first', 0, 8, 120),
    ...gaveUp('short', 600, 3),
    ...answeredCall('late', 1_790, 40, 120),
    ...gaveUp('long', 1_900, 25),
    told('contact.offered', 2_404, { contactId: 'rung', queueId: 'sales', ...ada }),
    ...answeredCall('rung', 2_400, 12, 60, 30),
    told('agent.state-changed', 2_700, { ...ada, state: 'not-ready', reason: 'break' }),
    told('agent.state-changed', 3_300, { ...ada, state: 'ready' }),
    told('agent.logged-off', 3_600, ada),
  ]
  const half = (minutes: number, figures: object) => ({
    start: `2024-06-03T09:${String(minutes).padStart(2, '0')}:00Z`,
    provisional: false,
    revision: 1,
    ...figures,
  })
  const day = (view: string, first: object, second: object, more: object = {}) => ({
    date: '2024-06-03',
    view,
    queues: [{ queue: 'sales', offered: 5, ...more, intervals: [half(0, first), half(30, second)] }],
  })
  return {
    'manifest.json': pretty({
      zone: 'UTC',
      files: [{ format: 'cloudevents', paths: ['events.ndjson'], source: 'pbx' }],
      schedules: [{ date: '2024-06-03', path: 'agents.csv' }],
    }),
    // Ada breaks off five minutes early and is back five minutes early; Bob never came.
    'agents.csv':
      'agent,activity,start,end\nada,on-queue,09:00,09:50\nada,break,09:50,10:00\nbob,on-queue,09:00,10:00\n',
    'events.ndjson': `${events.map((event) => JSON.stringify(event)).join('\n')}\n`,
    'expected.json': pretty([
      {
        ...day(
          'arrival',
          { offered: 3, answered: 2, waitSecondsP50: 8, waitSecondsP99: 40 },
          { offered: 2, answered: 1, waitSecondsP50: 12, waitSecondsP99: 25 },
          {
            waitSecondsP50: 12,
            waitSecondsP80: 25,
            waitSecondsP90: 40,
            waitSecondsP95: 40,
            waitSecondsP99: 40,
            asaSeconds: 20,
            asaAllSeconds: 17.6,
            // Nobody has left before 8 s by an answer; then 3 of 4 wait on, then 2 of 3, and 40 s ends it: 8 + 3 + 14.
            asaEndlessPatienceSeconds: 25,
            // A 3, within T 2; B 2, within T 1, short 1; nothing flowed out.
            serviceLevelRatios: {
              SL1: 3 / 5,
              SL2: 2 / 3,
              SL3: 2 / 5,
              SL4: 2 / 4,
              SL5: 3 / 5,
              SL6: 2 / 4,
              SL7: 2 / 5,
              SL8: 3 / 5,
            },
          },
        ),
        agents: [
          {
            agent: 'ada',
            contacts: 3,
            talkSeconds: 300,
            acwSeconds: 30,
            loggedInSeconds: 3_600,
            handlingSeconds: 330,
            ringingSeconds: 8,
            readySeconds: 3_000 - 330 - 8,
            notReadySeconds: 600,
            notReadyByReason: { break: 600 },
            occupancyRatio: 330 / (3_000 - 8),
            scheduledSeconds: 3_600,
            // Away for the last 300 s on queue, on queue for the last 300 s of the break.
            adherenceRatio: 1 - 600 / 3_600,
            conformanceRatio: 3_000 / 3_000,
          },
          { agent: 'bob', contacts: 0, loggedInSeconds: 0, adherenceRatio: 0, conformanceRatio: 0 },
        ],
      },
      day('event', { offered: 2, answered: 1 }, { offered: 3, answered: 2, abandoned: 1 }),
      day(
        'worked',
        { offered: 3, answered: 2, handled: 1, talkSecondsMean: 120, ahtSeconds: 120 },
        { offered: 2, answered: 1, handled: 2, talkSecondsMean: 90, ahtSeconds: 105 },
      ),
    ]),
  }
}

function told(type: string, second: number, data: Readonly<Record<string, unknown>>): object {
  const id = `${type} ${second} ${String(data.contactId ?? '')}`
  return { specversion: '1.0', source: 'pbx', id, type: `cc.${type}.v1`, time: at(second), data }
}

function gaveUp(contactId: string, second: number, waitSeconds: number): readonly object[] {
  const data = { contactId, queueId: 'sales' }
  return [told('contact.queued', second, data), told('contact.abandoned', second + waitSeconds, data)]
}

function answeredCall(
  contactId: string,
  second: number,
  waitSeconds: number,
  talkSeconds: number,
  acwSeconds = 0,
): readonly object[] {
  const data = { contactId, queueId: 'sales', agentId: 'ada' }
  return [
    told('contact.queued', second, { contactId, queueId: 'sales' }),
    told('contact.answered', second + waitSeconds, data),
    told('contact.ended', second + waitSeconds + talkSeconds, { contactId, agentId: 'ada', acwSeconds }),
  ]
}

function pretty(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
