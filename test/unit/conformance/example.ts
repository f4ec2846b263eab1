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

function pretty(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
