// A save of a set-up form: what nobody touched stays to the letter, what was typed is stored, and nothing is ever dropped.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { INTERVAL_VIEWS, SERVICE_LEVEL_FORMULAS } from '../../../server/domain/service-level.ts'
import { SETTING_KINDS, type SettingBodies, type SettingKind } from '../../../server/domain/settings.ts'
import { bodyToStore, type Draft, FIELDS, toDraft } from '../../../web/src/setup/fields.ts'

const id = fc.stringMatching(/^[a-z0-9][a-z0-9/@-]{0,12}$/)
const name = fc.string().map((text) => text.trim())
const daysKept = fc.option(fc.integer({ min: 8, max: 500 }))
const span = fc.constantFrom([[480, 1200]], [], [[0, 1440]])
const ratio = fc.double({ min: 0.01, max: 0.99, noNaN: true })

/** Bodies with and without the fields that older versions lack. */
const BODIES: { readonly [K in SettingKind]: fc.Arbitrary<object> } = {
  site: fc.record(
    {
      name,
      zone: fc.constant('Europe/Paris'),
      currency: fc.constant('EUR'),
      costPerAgentHour: fc.double({ min: 0, max: 99, noNaN: true }),
      shrinkageRatio: ratio,
      holidayRegion: fc.constantFrom('', 'FR'),
      eventDaysKept: daysKept,
      rawDaysKept: daysKept,
      callerDaysKept: daysKept,
      deadLetterDaysKept: daysKept,
    },
    { requiredKeys: ['name', 'zone', 'currency', 'costPerAgentHour', 'shrinkageRatio', 'holidayRegion'] },
  ),
  client: fc.record({ name }),
  team: fc.record({ name }),
  promise: fc.record(
    {
      clientId: id,
      queueIds: fc.array(id),
      targetRatio: ratio,
      answerThresholdSeconds: fc.nat(300),
      shortAbandonSeconds: fc.nat(60),
      formula: fc.constantFrom(...SERVICE_LEVEL_FORMULAS),
      view: fc.constantFrom(...INTERVAL_VIEWS),
      effectiveFrom: fc.constant('2026-03-01'),
    },
    {
      requiredKeys: [
        'clientId',
        'queueIds',
        'targetRatio',
        'answerThresholdSeconds',
        'shortAbandonSeconds',
        'formula',
        'effectiveFrom',
      ],
    },
  ),
  queue: fc.record(
    {
      name,
      clientId: fc.option(id),
      zone: fc.constant('Europe/Paris'),
      intervalMinutes: fc.constantFrom(5, 15, 30, 60),
      openingHours: fc.array(span, { minLength: 7, maxLength: 7 }),
      patienceSecondsMean: fc.integer({ min: 1, max: 900 }),
      aliases: fc.array(id),
      unconfirmed: fc.boolean(),
    },
    {
      requiredKeys: [
        'name',
        'clientId',
        'zone',
        'intervalMinutes',
        'openingHours',
        'patienceSecondsMean',
        'unconfirmed',
      ],
    },
  ),
  agent: fc.record(
    {
      name,
      teamId: fc.option(id),
      aliases: fc.array(id),
      unconfirmed: fc.boolean(),
    },
    { requiredKeys: ['name', 'teamId', 'unconfirmed'] },
  ),
  source: fc.record({
    adapter: fc.constantFrom('http', 'socket-io'),
    url: fc.option(fc.constant('https://feed.example')),
    options: fc.dictionary(id, fc.nat()),
    enabled: fc.boolean(),
  }),
  'special-day': fc.record({ name, day: fc.constant('2026-12-24'), lagDays: fc.nat(9) }),
  forecast: fc.record({ method: fc.constant(null), borrowProfileFrom: fc.option(id) }),
}
/** What a later program may add, and this form knows nothing of. */
const unknown = fc.dictionary(
  id.map((key) => `later-${key}`),
  fc.jsonValue(),
)

const draftsOf = (kind: SettingKind, body: object): Record<string, Draft> => {
  const values = new Map<string, unknown>(Object.entries(body))
  return Object.fromEntries(FIELDS[kind].map((field) => [field.key, toDraft(field, values.get(field.key))]))
}

describe.each(SETTING_KINDS)('a save of %s', (kind) => {
  test('that nobody touched stores what was read', () => {
    fc.assert(
      fc.property(BODIES[kind], unknown, (known, later) => {
        const read = { ...known, ...later }
        expect(bodyToStore(FIELDS[kind], read, draftsOf(kind, read))).toEqual({ body: read, errors: {} })
      }),
    )
  })

  test('changes the field that was typed and no other', () => {
    const fields = FIELDS[kind]
    fc.assert(
      fc.property(BODIES[kind], BODIES[kind], unknown, fc.nat(), (known, other, later, at) => {
        const field = fields[at % Math.max(1, fields.length)]
        const read = { ...known, ...later }
        const typed = new Map<string, unknown>(Object.entries(other))
        // Only what another body says can be typed.
        if (field === undefined || !typed.has(field.key)) return
        const drafts = { ...draftsOf(kind, read), [field.key]: toDraft(field, typed.get(field.key)) }
        const { body, errors } = bodyToStore(fields, read, drafts)
        expect(errors).toEqual({})
        const { [field.key]: _mine, ...rest } = body
        const { [field.key]: _theirs, ...before } = read as Record<string, unknown>
        expect(rest).toEqual(before)
        expect(toDraft(field, body[field.key])).toEqual(drafts[field.key])
      }),
    )
  })
})

test('every field that a setting of the server has is shown, or is edited on a page of its own', () => {
  const shown = (kind: SettingKind) => FIELDS[kind].map(({ key }) => key)
  const own: { readonly [K in SettingKind]?: readonly (keyof SettingBodies[K])[] } = {
    queue: ['aliases'],
    agent: ['aliases', 'teamId'],
    promise: ['view'],
    site: ['eventDaysKept', 'rawDaysKept', 'callerDaysKept', 'deadLetterDaysKept'],
  }
  for (const [kind, keys] of Object.entries(own))
    expect(shown(kind as SettingKind)).toEqual(expect.arrayContaining([...keys]))
})

test('identifiers are read one a line, whatever space stands around them', () => {
  const aliases = FIELDS.queue.filter(({ key }) => key === 'aliases')
  const typed = bodyToStore(aliases, { aliases: ['a'] }, { aliases: ' SIP/551 \r\n\n LOCAL/551@agents\n' })
  expect(typed.body).toEqual({ aliases: ['SIP/551', 'LOCAL/551@agents'] })
})
