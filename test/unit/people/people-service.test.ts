/** Links work once and run out, sessions end, and secrets are never stored. */
import { beforeEach, expect, test } from 'vitest'
import { createPeopleStore } from '../../../server/db/people-store.ts'
import { createPeopleService, tokenProblems, userProblems } from '../../../server/people/people-service.ts'
import { hashSecret, newSecret } from '../../../server/people/secrets.ts'
import { describeOnEachDatabase } from '../../support/databases.ts'

test('a new account needs a name, a known role, and a client exactly when it is one', () => {
  const clients = new Set(['acme'])
  const pointers = (name: string, role: string, clientId: string | null) =>
    userProblems({ name, role, clientId }, clients).map(({ pointer }) => pointer)
  expect(pointers('Ann', 'director', null)).toEqual([])
  expect(pointers('Cleo', 'client', 'acme')).toEqual([])
  expect(pointers(' ', 'director', null)).toEqual(['/name'])
  expect(pointers('Ann', 'boss', null)).toEqual(['/role'])
  expect(pointers('Cleo', 'client', null)).toEqual(['/clientId'])
  expect(pointers('Ann', 'director', 'acme')).toEqual(['/clientId'])
  expect(pointers('Cleo', 'client', 'unknown')).toEqual(['/clientId'])
  expect(tokenProblems({ name: 'pbx', role: 'admin' }).map(({ pointer }) => pointer)).toEqual(['/role'])
})

test('secrets are long, different, and kept as a hash only', () => {
  const [one, other] = [newSecret(), newSecret()]
  expect(one).not.toBe(other)
  expect(Buffer.from(one, 'base64url')).toHaveLength(32)
  // SHA-256 of "abc", FIPS 180-4.
  expect(hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

describeOnEachDatabase('people', (open) => {
  let nowMs: number
  let people: ReturnType<typeof createPeopleService>
  beforeEach(async () => {
    nowMs = Date.parse('2026-03-02T10:00:00Z')
    const clock = { nowMs: () => nowMs, speed: 1 }
    people = createPeopleService({ store: createPeopleStore(await open()), clock })
  })

  test('a link works once, also for two who try at the same time', async () => {
    const { secret } = await people.createUser({ name: 'Ann', role: 'director', clientId: null })
    const tries = await Promise.all([people.signIn(secret), people.signIn(secret)])
    expect(tries.filter((session) => session !== undefined)).toHaveLength(1)
    const session = tries.find((one) => one !== undefined)
    expect(await people.viewerOfSession(session?.secret ?? '')).toMatchObject({
      name: 'Ann',
      role: 'director',
    })
  })

  test('a link runs out after 72 hours, a session after 14 days', async () => {
    const { user, secret } = await people.createUser({ name: 'Ann', role: 'director', clientId: null })
    nowMs += 72 * 3_600_000 + 1
    expect(await people.signIn(secret)).toBeUndefined()
    const session = await people.signIn((await people.createSignInLink(user.id)) ?? '')
    expect(await people.viewerOfSession(session?.secret ?? '')).toBeDefined()
    nowMs += 14 * 86_400_000 + 1
    expect(await people.viewerOfSession(session?.secret ?? '')).toBeUndefined()
  })

  test('removing a person ends sessions and links and tells the listeners', async () => {
    const { user, secret } = await people.createUser({ name: 'Ann', role: 'supervisor', clientId: null })
    const session = await people.signIn(secret)
    const ended: unknown[] = []
    people.onRightsEnded((one) => ended.push(one))
    expect(await people.removeUser(user.id)).toBe(true)
    expect(await people.viewerOfSession(session?.secret ?? '')).toBeUndefined()
    expect(ended).toEqual([{ kind: 'user', userId: user.id }])
    expect(await people.createSignInLink(user.id)).toBeUndefined()
  })

  test('a token works until it is revoked', async () => {
    const { token, secret } = await people.createToken({ name: 'pbx', role: 'ingest' })
    expect(await people.viewerOfToken(secret)).toMatchObject({ kind: 'token', role: 'ingest' })
    expect(await people.removeToken(token.id)).toBe(true)
    expect(await people.viewerOfToken(secret)).toBeUndefined()
  })
})
