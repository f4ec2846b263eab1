/** Days of a small centre as each source would tell them: a few calls, agents who log on and off, told in that source's messages. */
import { seeded } from '../state/support.ts'

export const START_MS = Date.UTC(2026, 2, 2, 9)
export const NOW_MS = Date.UTC(2026, 5, 1)
const at = (second: number) => new Date(START_MS + second * 1000).toISOString()

export interface Call {
  readonly id: string
  readonly queue: string
  readonly agent: string
  readonly fromSecond: number
  readonly waitSeconds: number
  readonly talkSeconds: number
  readonly acwSeconds: number
  readonly outcome: 'answered' | 'abandoned' | 'left'
}

/** A few calls of which no two of one agent overlap. */
export function calls(seed: number): readonly Call[] {
  const random = seeded(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  return Array.from({ length: 9 }, (_, index): Call => {
    const kind = below(10)
    return {
      id: `call${index}`,
      queue: `q${below(2)}`,
      agent: `agent${index % 3}`,
      fromSecond: 60 + index * 150 + below(50),
      waitSeconds: 1 + below(40),
      talkSeconds: 20 + below(60),
      acwSeconds: 1 + below(20),
      outcome: kind < 6 ? 'answered' : kind < 8 ? 'abandoned' : 'left',
    }
  })
}

const ARN = 'arn:aws:connect:eu-west-1:1:instance/i'
export function connectDay(seed: number): readonly unknown[] {
  let event = 0
  const agentEvent = (agent: string, second: number, EventType: string, before: unknown, after: unknown) => {
    event += 1
    return {
      AgentARN: `${ARN}/agent/${agent}`,
      EventId: `${seed}-${event}`,
      EventType,
      EventTimestamp: at(second),
      PreviousAgentSnapshot: before,
      CurrentAgentSnapshot: after,
    }
  }
  const queue = (id: string) => ({ ARN: `${ARN}/queue/${id}`, Name: `Queue ${id}` })
  const view = (Name: string, contacts: readonly unknown[] = []) => ({
    AgentStatus: { Name, StartTimestamp: at(0) },
    Configuration: { RoutingProfile: { InboundQueues: [queue('q0'), queue('q1')] } },
    Contacts: contacts,
  })
  const logins = ['agent0', 'agent1', 'agent2'].map((agent) =>
    agentEvent(agent, 0, 'LOGIN', null, view('Available')),
  )
  const beats = ['agent0', 'agent1'].map((agent) =>
    agentEvent(agent, 700, 'HEART_BEAT', view('Available'), view('Available')),
  )
  const ofCalls = calls(seed).flatMap((call): unknown[] => {
    const { id, agent, fromSecond, waitSeconds, talkSeconds, acwSeconds } = call
    const answerSecond = fromSecond + waitSeconds
    const endSecond = answerSecond + talkSeconds
    const QueueInfo = { QueueArn: `${ARN}/queue/${call.queue}`, EnqueueTimestamp: at(fromSecond) }
    const base = { ContactId: id, Channel: 'VOICE', QueueInfo }
    const queued = { ...base, EventType: 'QUEUED' }
    if (call.outcome !== 'answered')
      return [queued, { ...base, EventType: 'DISCONNECTED', DisconnectTimestamp: at(answerSecond) }]
    const AgentInfo = { AgentArn: `${ARN}/agent/${agent}`, ConnectedToAgentTimestamp: at(answerSecond) }
    const holds = (State: string, second: number) =>
      view('Available', [
        { ContactId: id, Queue: queue(call.queue), State, StateStartTimestamp: at(second), Channel: 'VOICE' },
      ])
    const change = (second: number, before: unknown, after: unknown) =>
      agentEvent(agent, second, 'STATE_CHANGE', before, after)
    return [
      queued,
      change(answerSecond - 1, view('Available'), holds('CONNECTING', answerSecond - 1)),
      { ...base, EventType: 'CONNECTED_TO_AGENT', AgentInfo },
      change(answerSecond, holds('CONNECTING', answerSecond - 1), holds('CONNECTED', answerSecond)),
      change(endSecond, holds('CONNECTED', answerSecond), holds('ENDED', endSecond)),
      { ...base, EventType: 'DISCONNECTED', AgentInfo, DisconnectTimestamp: at(endSecond) },
      change(endSecond + acwSeconds, holds('ENDED', endSecond), view('Available')),
    ]
  })
  const logouts = ['agent1', 'agent2'].map((agent) =>
    agentEvent(agent, 3_000, 'LOGOUT', view('Available'), view('Offline')),
  )
  return [...logins, ...beats, ...ofCalls, ...logouts]
}

export function genesysDay(seed: number): readonly unknown[] {
  let made = 0
  const envelope = (topicName: string, second: number, body: object) => {
    made += 1
    const eventBody = { eventTime: START_MS + second * 1000, ...body }
    return { id: `${seed}-${made}`, detail: { topicName, eventBody } }
  }
  const told = (call: Call, verb: string, second: number, more: object) =>
    envelope(`v2.detail.events.conversation.${call.id}.${verb}`, second, {
      conversationId: call.id,
      queueId: call.queue,
      mediaType: 'VOICE',
      ...more,
    })
  const presence = (userId: string, second: number, systemPresence: string) =>
    envelope(`v2.users.${userId}.presence`, second, { presenceDefinition: { systemPresence } })
  const presences = ['agent0', 'agent1', 'agent2'].flatMap((agent, index) => [
    presence(agent, index, 'ON_QUEUE'),
    presence(agent, 2_000 + index * 30, ['BREAK', 'OFFLINE', 'MEAL'][index] ?? 'AWAY'),
  ])
  const ofCalls = calls(seed).flatMap((call): unknown[] => {
    const { fromSecond, waitSeconds, talkSeconds, acwSeconds, agent: userId } = call
    const outSecond = fromSecond + waitSeconds
    const queued = told(call, 'acd.start', fromSecond, { ani: 'tel:+33612345678' })
    const out = (acdOutcome: string) =>
      told(call, 'acd.end', outSecond, { acdOutcome, connectedDurationMs: waitSeconds * 1000, userId })
    if (call.outcome !== 'answered') return [queued, out(call.outcome === 'left' ? 'FLOW_OUT' : 'ABANDON')]
    const endSecond = outSecond + talkSeconds
    return [
      queued,
      told(call, 'user.start', outSecond - 1, { userId }),
      out('ANSWERED'),
      told(call, 'user.end', endSecond, {
        userId,
        disconnectType: 'PEER',
        interactingDurationMs: talkSeconds * 1000,
      }),
      told(call, 'acw', endSecond + acwSeconds, { userId, wrapupDurationMs: acwSeconds * 1000 }),
    ]
  })
  return [...presences, ...ofCalls]
}

export function twilioDay(seed: number): readonly string[] {
  let made = 0
  const form = (EventType: string, second: number, fields: Readonly<Record<string, string>>) => {
    made += 1
    const TimestampMs = String(START_MS + second * 1000)
    return new URLSearchParams({ EventType, Sid: `EV${seed}-${made}`, TimestampMs, ...fields }).toString()
  }
  const ofCalls = calls(seed).flatMap((call) => {
    const { id, fromSecond, waitSeconds, talkSeconds, acwSeconds } = call
    const task = { TaskSid: id, TaskQueueName: call.queue }
    const reservation = { ...task, ReservationSid: `WR-${id}`, WorkerName: call.agent }
    const outSecond = fromSecond + waitSeconds
    const queued = form('task-queue.entered', fromSecond, task)
    if (call.outcome === 'abandoned') return [queued, form('task.canceled', outSecond, task)]
    if (call.outcome === 'left') return [queued, form('task-queue.timeout', outSecond, task)]
    const endSecond = outSecond + talkSeconds
    return [
      queued,
      form('reservation.created', outSecond - 1, reservation),
      form('reservation.accepted', outSecond, reservation),
      form('reservation.wrapup', endSecond, reservation),
      form('reservation.completed', endSecond + acwSeconds, reservation),
      form('task.completed', endSecond + acwSeconds, task),
    ]
  })
  const activity = (WorkerName: string, second: number, WorkerActivityName: string) =>
    form('worker.activity.update', second, { WorkerName, WorkerActivityName })
  return [activity('agent0', 0, 'Available'), activity('agent1', 1, 'Lunch'), ...ofCalls]
}

export function eslDay(seed: number): readonly ReadonlyMap<string, string>[] {
  let sequence = 0
  const fields = (action: string, second: number, more: Readonly<Record<string, string | number>>) => {
    sequence += 1
    const all = {
      'Core-UUID': `core-${seed}`,
      'Event-Sequence': sequence,
      'Event-Date-Timestamp': (START_MS + second * 1000) * 1000,
      'CC-Action': action,
      ...more,
    }
    return new Map(Object.entries(all).map(([name, value]) => [name.toLowerCase(), String(value)]))
  }
  const startSeconds = START_MS / 1000
  const ofCalls = calls(seed).flatMap((call) => {
    const { id, fromSecond, waitSeconds, talkSeconds } = call
    const outSecond = fromSecond + waitSeconds
    const member = {
      'CC-Queue': call.queue,
      'CC-Member-UUID': `m-${id}`,
      'CC-Member-Session-UUID': id,
      'CC-Member-Joined-Time': startSeconds + fromSecond,
    }
    const queued = fields('member-queue-start', fromSecond, member)
    const gone = (reason: string) =>
      fields('member-queue-end', outSecond, {
        ...member,
        'CC-Cause': 'Cancel',
        'CC-Cancel-Reason': reason,
        'CC-Member-Leaving-Time': startSeconds + outSecond,
      })
    if (call.outcome !== 'answered') return [queued, gone(call.outcome === 'left' ? 'TIMEOUT' : 'BREAK_OUT')]
    const served = {
      ...member,
      'CC-Agent': call.agent,
      'CC-Agent-Called-Time': startSeconds + outSecond - 1,
      'CC-Agent-Answered-Time': startSeconds + outSecond,
    }
    const ended = { ...served, 'CC-Bridge-Terminated-Time': startSeconds + outSecond + talkSeconds }
    return [
      queued,
      fields('agent-offering', outSecond - 1, served),
      fields('bridge-agent-start', outSecond, served),
      fields('bridge-agent-end', outSecond + talkSeconds, ended),
      fields('member-queue-end', outSecond + talkSeconds, { ...ended, 'CC-Cause': 'Terminated' }),
    ]
  })
  const status = (agent: string, second: number, name: string) =>
    fields('agent-status-change', second, { 'CC-Agent': agent, 'CC-Agent-Status': name })
  return [
    status('agent0', 0, 'Available'),
    status('agent1', 1, 'Available'),
    status('agent1', 900, 'On Break'),
    ...ofCalls,
  ]
}
