/** Lists of the API end somewhere, and say by how much they were cut. */
import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { createContactPort } from '../../../server/contact-port.ts'
import { boundLists, LEFT_OFF_HEADER, LIST_ROWS_MAX } from '../../../server/http/list-bounds.ts'
import { event, fold, settings } from '../state/support.ts'

describe('a list of the API', () => {
  const answer = async (payload: unknown) => {
    const app = Fastify()
    await app.register(async (api) => {
      boundLists(api)
      await api.register(async (routes) => {
        routes.get('/list', async () => payload)
      })
    })
    return app.inject('/list')
  }
  const rows = (count: number) => Array.from({ length: count }, (_, n) => n)

  it('is whole and says nothing up to the bound', async () => {
    const whole = await answer(rows(LIST_ROWS_MAX))
    expect(whole.json()).toHaveLength(LIST_ROWS_MAX)
    expect(whole.headers).not.toHaveProperty(LEFT_OFF_HEADER)
    expect((await answer({ rows: [1] })).json()).toEqual({ rows: [1] })
  })

  it('ends at the bound and says how much was left off', async () => {
    const cut = await answer(rows(LIST_ROWS_MAX + 3))
    expect(cut.json()).toEqual(rows(LIST_ROWS_MAX))
    expect(cut.headers[LEFT_OFF_HEADER]).toBe('3')
  })
})

it('contacts behind a figure are the first ones by arrival, and how many more there are', async () => {
  const startMs = Date.UTC(2024, 5, 3, 8)
  const calls = Array.from({ length: 7 }, (_, n) =>
    event('contact.queued', startMs / 1000 + n, { contactId: `c${n}`, queueId: 'q' }),
  )
  const state = fold(calls)
  const view = { ...settings(), queueIds: () => ['q'] }
  const port = createContactPort(
    { contacts: async ({ queueId, fromMs, toMs }) => [...state.visits(queueId, fromMs, toMs)] },
    view,
    // Nothing of these is read from the ledger.
    {} as Parameters<typeof createContactPort>[2],
  )
  const asked = {
    queueId: 'q',
    fromMs: startMs,
    toMs: startMs + 60_000,
    view: 'arrival',
    clientId: null,
  } as const
  const list = await port.contacts({ ...asked, limit: 5 })
  expect(list?.contacts.map(({ contactId }) => contactId)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4'])
  expect(list?.leftOff).toBe(2)
  expect((await port.contacts({ ...asked, limit: 7 }))?.leftOff).toBe(0)
})
