/** TaskRouter callbacks: the published example of the signature, and the events that the samples must become. */
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { TwilioMapper } from '../../../../server/ingest/twilio-taskrouter/mapper.ts'
import { verifyTwilioSignature } from '../../../../server/ingest/twilio-taskrouter/signature.ts'
import { toEnvelope } from '../../../../server/ingest/validate.ts'
import { sample } from '../../state/support.ts'

// The example of Twilio's security page (docs/usage/security): these fields, this address, this token, this signature.
const FORM = new URLSearchParams({
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
}).toString()
const PUBLISHED = {
  signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  publicUrl: 'https://mycompany.com/myapp.php?foo=1&bar=2',
  contentType: 'application/x-www-form-urlencoded',
  body: Buffer.from(FORM),
}

describe('the signature of Twilio', () => {
  it('accepts the published example, whatever the proxy says of the port', () => {
    expect(verifyTwilioSignature(PUBLISHED, ['12345'])).toBe(true)
    const withPort = { ...PUBLISHED, publicUrl: 'https://mycompany.com:443/myapp.php?foo=1&bar=2' }
    expect(verifyTwilioSignature(withPort, ['12345'])).toBe(true)
    // While the token is rotated.
    expect(verifyTwilioSignature(PUBLISHED, ['new', '12345'])).toBe(true)
  })

  it('refuses another token, address, field or signature', () => {
    expect(verifyTwilioSignature(PUBLISHED, ['54321'])).toBe(false)
    expect(verifyTwilioSignature(PUBLISHED, [''])).toBe(false)
    expect(verifyTwilioSignature({ ...PUBLISHED, publicUrl: 'https://mycompany.com/other' }, ['12345'])).toBe(
      false,
    )
    expect(verifyTwilioSignature({ ...PUBLISHED, body: Buffer.from(`${FORM}&x=1`) }, ['12345'])).toBe(false)
    for (const signature of [undefined, '', 'AAAA', 'x'.repeat(500)])
      expect(verifyTwilioSignature({ ...PUBLISHED, signature }, ['12345'])).toBe(false)
  })

  it('of a JSON body signs the address, which carries the hash of the body', () => {
    const body = Buffer.from('[{"specversion":"1.0"}]')
    const hash = createHash('sha256').update(body).digest('hex')
    const publicUrl = `https://example.org/hook?bodySHA256=${hash}`
    const signature = createHmac('sha1', 'token').update(publicUrl).digest('base64')
    const request = { signature, publicUrl, contentType: 'application/json', body }
    expect(verifyTwilioSignature(request, ['token'])).toBe(true)
    expect(verifyTwilioSignature({ ...request, body: Buffer.from('[]') }, ['token'])).toBe(false)
  })
})

function form(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString()
}

const BASE = { TaskSid: 'WT1', TaskQueueName: 'English', WorkerName: 'anna', ReservationSid: 'WR1' }
let made = 0
function callback(EventType: string, atMs: number, more: Readonly<Record<string, string>> = {}): string {
  made += 1
  return form({ EventType, Sid: `EV${made}`, TimestampMs: String(atMs), ...BASE, ...more })
}

describe('TaskRouter events', () => {
  const mapper = new TwilioMapper({ source: '/twilio/flex' })
  const T = 1_700_000_000_000

  it('follow a task from its queue to the end of wrap-up', () => {
    const messages = [
      callback('task-queue.entered', T, { TaskPriority: '5', TaskAttributes: '{"from":"+15550100"}' }),
      callback('reservation.created', T + 1_000),
      callback('reservation.accepted', T + 4_000),
      callback('reservation.wrapup', T + 64_000),
      callback('reservation.completed', T + 76_500),
    ].map((body) => mapper.mapForm(body))
    const events = messages.flatMap((message) => message.events)
    expect(events.map(({ type }) => type)).toEqual([
      'cc.contact.queued.v1',
      'cc.contact.offered.v1',
      'cc.contact.answered.v1',
      'cc.contact.ended.v1',
      'cc.contact.ended.v1',
    ])
    expect(events[0]?.data).toEqual({
      contactId: 'WT1',
      queueId: 'English',
      priority: 5,
      callerNumber: '+15550100',
    })
    expect(events[4]?.data).toMatchObject({ agentId: 'anna', acwSeconds: 12.5 })
    for (const event of events) expect(toEnvelope(event, { receivedAtMs: T, nowMs: T }).ok).toBe(true)
  })

  it('tell abandoning from time limits, and every end of an offer from the others', () => {
    const outcome = (name: string, more = {}) => mapper.mapForm(callback(name, T, more)).events[0]
    expect(outcome('task.canceled')?.type).toBe('cc.contact.abandoned.v1')
    expect(outcome('task.canceled', { TaskCanceledReason: 'Task TTL Exceeded' })?.data.reason).toBe('timeout')
    expect(outcome('task-queue.timeout')?.data.reason).toBe('timeout')
    expect(outcome('task-queue.moved')?.data.reason).toBe('overflow')
    expect(outcome('reservation.rejected')?.data.reason).toBe('rejected')
    expect(outcome('reservation.timeout')?.data.reason).toBe('noAnswer')
    expect(outcome('reservation.rescinded')?.data.reason).toBe('cancelled')
  })

  it('read activities, also the workspace’s own', () => {
    const own = new TwilioMapper({ source: 's', activities: { Mittagspause: 'not-ready', Bereit: 'ready' } })
    const state = (name: string) =>
      own.mapForm(
        form({
          EventType: 'worker.activity.update',
          Sid: 'EVa',
          WorkerName: 'anna',
          WorkerActivityName: name,
        }),
      ).events[0]?.data
    expect(state('Available')).toEqual({ agentId: 'anna', state: 'ready' })
    expect(state('Bereit')).toEqual({ agentId: 'anna', state: 'ready' })
    expect(state('Lunch')).toEqual({ agentId: 'anna', state: 'not-ready', reason: 'Lunch' })
    expect(state('Offline')).toEqual({ agentId: 'anna', state: 'offline' })
  })

  it('by Event Streams are the same events with the same ids', () => {
    const streamed = mapper.mapCloudEvent({
      specversion: '1.0',
      type: 'com.twilio.taskrouter.reservation.accepted',
      id: 'NO1',
      data: {
        sid: 'EVs',
        timestamp: new Date(T).toISOString(),
        payload: { task_sid: 'WT1', task_queue_name: 'English', worker_name: 'anna', reservation_sid: 'WR1' },
      },
    })
    const called = mapper.mapForm(callback('reservation.accepted', T, { Sid: 'EVs' }))
    expect(streamed).toEqual(called)
  })

  it('count what nobody knows and refuse what is none', () => {
    expect(mapper.mapForm(callback('task.dreamed', T)).unknownVerb).toBe('task.dreamed')
    expect(mapper.mapForm('a=b').rejected).toMatch('missing')
    expect(mapper.mapForm(form({ EventType: 'reservation.created', Sid: 'EV' })).rejected).toMatch('no task')
    expect(mapper.mapCloudEvent(null).rejected).toBeDefined()
    expect(mapper.mapCloudEvent({ type: 'com.other', data: {} }).unknownVerb).toBe('com.other')
  })

  const folder = sample('feeds/twilio-taskrouter')
  it.skipIf(folder === null)('of the samples: an offer, an activity, and two that no figure counts', () => {
    // Skipped in a clone by itself: the samples lie beside the repository.
    const map = (name: string) =>
      mapper.mapForm(
        form(JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as Record<string, string>),
      )
    expect(map('reservation.created').events).toEqual([
      {
        specversion: '1.0',
        id: 'EV80247042ff40d081746afab59ecf307e',
        source: '/twilio/flex',
        type: 'cc.contact.offered.v1',
        time: '2018-03-30T06:53:44.229Z',
        data: {
          contactId: 'WT4c0ef6723897ecb43afb7ba3bb3018fc',
          queueId: 'English',
          agentId: 'test_user',
          offerId: 'WR94a7183792d4ac6cf53fe69db130f625',
        },
      },
    ])
    expect(map('worker.activity.update').events[0]?.data).toEqual({
      agentId: 'test_user',
      state: 'on-contact',
    })
    expect(map('task.created')).toEqual({ events: [] })
    expect(map('worker.created')).toEqual({ events: [] })
  })
})
