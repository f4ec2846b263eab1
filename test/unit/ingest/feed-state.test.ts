/** What a page says of a feed: every code in both languages, causes that are known in words, others as they came. */
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { causeOf, FeedFault, wordOf } from '../../../server/ingest/feed-fault.ts'
import { IngestUnavailable } from '../../../server/ingest/ingest-service.ts'
import { feedStateText } from '../../../server/messages/feed-state.ts'
import { LOCALES } from '../../../server/messages/message.ts'
import { MESSAGES } from '../../../server/messages/translate.ts'
import { FEED_STATE_CODES, feedWord, isSameWord } from '../../../server/wire/feed-state.ts'

/** Every value that any code takes. */
const VALUES = {
  path: '/var/log/asterisk/queue_log',
  cause: 'ECONNREFUSED',
  count: 3,
  seconds: 30,
  adapter: 'pigeon',
  name: 'own',
  place: '/mapping/events',
  detail: 'must be an object',
}

describe('the state of a feed in words', () => {
  it.each(LOCALES)('has a text for every code in %s, with nothing left to fill in', (locale) => {
    for (const code of FEED_STATE_CODES) {
      const text = feedStateText(locale, feedWord(code, VALUES))
      expect(Object.hasOwn(MESSAGES, `source.state.${code}`), code).toBe(true)
      expect(text, code).not.toMatch(/[{}]/)
    }
  })

  it('says known causes in the language, and others as they came', () => {
    expect(feedStateText('fr', feedWord('unreachable', { cause: 'ENOTFOUND' }))).toBe(
      'connexion impossible\u00a0: aucun hôte de ce nom',
    )
    expect(feedStateText('fr', feedWord('unreachable', { cause: 'the moon is full' }))).toContain(
      'the moon is full',
    )
    expect(feedStateText('fr', { code: 'from-a-newer-server', params: {} })).toBe('from-a-newer-server')
  })

  it('takes causes from what errors are: a code, a bound of ours, a text', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    await new Promise((resolve) => server.close(resolve))
    const port = typeof address === 'object' ? address?.port : undefined
    const failure: unknown = await fetch(`http://127.0.0.1:${port}`).catch((error: Error) => error.cause)
    expect(causeOf(failure)).toBe('ECONNREFUSED')
    expect(causeOf(new AggregateError([failure], 'all failed'))).toBe('ECONNREFUSED')
    expect(causeOf(new IngestUnavailable('database'))).toBe('database')
    expect(causeOf(new Error('x'.repeat(1_000)))).toHaveLength(200)
    expect(wordOf(new FeedFault('no-answer'))).toEqual({ code: 'no-answer', params: {} })
  })

  it('is news when a value changes', () => {
    const three = feedWord('overload', { count: 3 })
    expect(isSameWord(three, feedWord('overload', { count: 3 }))).toBe(true)
    expect(isSameWord(three, feedWord('overload', { count: 4 }))).toBe(false)
    expect(isSameWord(three, feedWord('overload'))).toBe(false)
    expect(isSameWord(three, feedWord('signatures', { count: 3 }))).toBe(false)
  })
})
