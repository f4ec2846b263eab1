/** Every kind of setting: the simulated centre's own are good, and each broken field is pointed at. */
import { describe, expect, test } from 'vitest'
import { ALWAYS_OPEN, DEFAULT_SITE, type SettingKind } from '../../../server/domain/settings.ts'
import { settingIdProblem, settingProblems } from '../../../server/setup/setting-rules.ts'
import { createContactCentre } from '../../../server/simulator/contact-centre.ts'

const everything = { has: () => true }
const nothing = { has: () => false }
const queue = {
  name: 'Orders',
  clientId: 'acme',
  zone: 'Europe/Paris',
  intervalMinutes: 30,
  openingHours: ALWAYS_OPEN,
  patienceSecondsMean: 180,
  unconfirmed: false,
}
const promise = {
  clientId: 'acme',
  queueIds: ['orders'],
  targetRatio: 0.8,
  answerThresholdSeconds: 20,
  shortAbandonSeconds: 5,
  formula: 'SL4',
  effectiveFrom: '2026-03-01',
}
const source = { adapter: 'socket-io', url: 'https://feed.example', options: {}, enabled: true }

test('the settings of the simulated centre are good', () => {
  for (const { kind, body } of createContactCentre({ seed: 1, zone: 'Europe/Paris' }).settings)
    expect(settingProblems(kind, body, everything)).toEqual([])
})

describe('each broken field is pointed at', () => {
  const bad: readonly (readonly [SettingKind, object, Record<string, unknown>])[] = [
    ['site', DEFAULT_SITE, { zone: 'Mars/Olympus' }],
    ['site', DEFAULT_SITE, { shrinkageRatio: 1 }],
    ['site', DEFAULT_SITE, { currency: 'euro' }],
    ['site', DEFAULT_SITE, { holidayRegion: 'France' }],
    ['queue', queue, { intervalMinutes: 20 }],
    ['queue', queue, { openingHours: [[[600, 500]], [], [], [], [], [], []] }],
    [
      'queue',
      queue,
      {
        openingHours: [
          [
            [0, 600],
            [500, 700],
          ],
          [],
          [],
          [],
          [],
          [],
          [],
        ],
      },
    ],
    ['queue', queue, { openingHours: [] }],
    ['queue', queue, { patienceSecondsMean: 0 }],
    ['queue', queue, { name: ' ' }],
    ['queue', queue, { unconfirmed: 'no' }],
    ['promise', promise, { targetRatio: 80 }],
    ['promise', promise, { formula: 'SL9' }],
    ['promise', promise, { effectiveFrom: '2026-02-30' }],
    ['promise', promise, { queueIds: ['orders', 'orders'] }],
    ['promise', promise, { answerThresholdSeconds: Number.NaN }],
    ['source', source, { url: 'https://user:secret@feed.example' }],
    ['source', source, { url: 'javascript:alert(1)' }],
    ['source', source, { adapter: 'Socket IO' }],
    ['team', { name: 'One' }, { colour: 'red' }],
  ]
  test.each(bad)('%s', (kind, good, change) => {
    expect(settingProblems(kind, good, everything)).toEqual([])
    const [field] = Object.keys(change)
    const pointers = settingProblems(kind, { ...good, ...change }, everything).map(({ pointer }) => pointer)
    expect(pointers).toEqual([`/${field}`])
  })
  test('a missing field, a list, a null', () => {
    expect(settingProblems('team', {}, everything)).toEqual([{ pointer: '/name', detail: 'is missing' }])
    expect(settingProblems('team', [], everything)).toHaveLength(1)
    expect(settingProblems('team', null, everything)).toHaveLength(1)
  })
  test('what it refers to must exist', () => {
    const pointers = (kind: SettingKind, body: object) =>
      settingProblems(kind, body, nothing).map(({ pointer }) => pointer)
    expect(pointers('queue', queue)).toEqual(['/clientId'])
    expect(pointers('promise', promise)).toEqual(['/clientId', '/queueIds'])
    expect(pointers('agent', { name: 'A', teamId: 't', unconfirmed: false })).toEqual(['/teamId'])
  })
})

describe('the options of a source', () => {
  const good: readonly (readonly [adapter: string, options: object])[] = [
    ['http', { sources: ['/shop'] }],
    ['asterisk-queue-log', { path: '/var/log/asterisk/queue_log', source: 'pbx' }],
    ['asterisk-ami', { host: 'pbx.example', port: 5038, username: 'vigie', tls: true }],
    ['freeswitch-esl', { host: '::1' }],
    ['twilio-taskrouter', { publicUrl: 'https://vigie.example' }],
    ['amazon-connect', {}],
    ['genesys-eventbridge', {}],
    ['import', {}],
  ]
  test.each(good)('of %s are good', (adapter, options) => {
    const body = { adapter, url: null, options, enabled: true }
    expect(settingProblems('source', body, nothing)).toEqual([])
  })

  const bad: readonly (readonly [adapter: string, options: object, pointers: readonly string[]])[] = [
    ['asterisk-queue-log', {}, ['/options/path']],
    ['asterisk-queue-log', { path: 'queue_log' }, ['/options/path']],
    ['asterisk-ami', { host: 'pbx', username: 'a\r\nAction: Originate' }, ['/options/username']],
    ['asterisk-ami', { port: 0 }, ['/options/host', '/options/port', '/options/username']],
    ['asterisk-ami', { host: 'pbx', username: 'v', secret: 's' }, ['/options/secret']],
    ['freeswitch-esl', { host: 'switch 1', port: 80.5 }, ['/options/host', '/options/port']],
    ['twilio-taskrouter', { publicUrl: 'https://user:pass@vigie.example' }, ['/options/publicUrl']],
    ['http', { 'a/b~c': 1 }, ['/options/a~1b~0c']],
    ['socket-io', {}, ['/url']],
    ['aspect', {}, ['/adapter']],
    ['constructor', {}, ['/adapter']],
  ]
  test.each(bad)('of %s are pointed at: %o', (adapter, options, pointers) => {
    const body = { adapter, url: null, options, enabled: true }
    expect(settingProblems('source', body, nothing).map(({ pointer }) => pointer)).toEqual(pointers)
  })
})

test('ids hold no control characters and no outer space', () => {
  for (const id of ['', ' a', 'a\n', 'a\u0000b', 'x'.repeat(201)]) expect(settingIdProblem(id)).toBeDefined()
  for (const id of ['1501', 'Énergie · Contrats', 'PJSIP/7009']) expect(settingIdProblem(id)).toBeUndefined()
})
