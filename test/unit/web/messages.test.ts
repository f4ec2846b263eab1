// The catalogue: both languages say the same things with the same values.
import { expect, test } from 'vitest'
import type { Message, MessageEntry } from '../../../server/messages/message.ts'
import { MESSAGES, pickLocale, t } from '../../../server/messages/translate.ts'

const texts = (message: Message) => (typeof message === 'string' ? [message] : [message.one, message.other])
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

test('every text exists in both languages, with the same values in each form', () => {
  for (const [key, entry] of Object.entries<MessageEntry>(MESSAGES)) {
    const [first, ...rest] = [...texts(entry.en), ...texts(entry.fr)]
    expect(first, key).not.toBe('')
    for (const text of rest) {
      expect(text, key).not.toBe('')
      expect(placeholders(text), key).toEqual(placeholders(first ?? ''))
    }
  }
})

test('no text shouts, and French spaces do not break', () => {
  for (const [key, entry] of Object.entries<MessageEntry>(MESSAGES))
    for (const text of [...texts(entry.en), ...texts(entry.fr)]) expect(text.endsWith('!'), key).toBe(false)
  expect(t('fr', 'setup.errorNumber')).toBe('Entrez un nombre.')
  expect(t('fr', 'plan.waysTitle')).not.toMatch(/ [:;?!%€]/)
  expect(t('fr', 'setup.unknownVerbs', { verbs: 'X' })).toBe('Verbes inconnus\u00a0: X')
})

test('number chooses the form by the language’s own rule: zero is singular in French, plural in English', () => {
  expect(t('fr', 'wall.rejected', { count: 0 })).toBe('0 ligne refusée')
  expect(t('en', 'wall.rejected', { count: 0 })).toBe('0 lines refused')
  expect(t('en', 'wall.rejected', { count: 1 })).toBe('1 line refused')
  expect(t('fr', 'wall.rejected', { count: 1200 }).replace(/[\u00a0\u202f]/g, ' ')).toBe(
    '1 200 lignes refusées',
  )
})

test('the reader’s first known language wins', () => {
  expect(pickLocale(['de-DE', 'fr-CH', 'en'])).toBe('fr')
  expect(pickLocale(['en-GB', 'fr'])).toBe('en')
  expect(pickLocale(['ar'])).toBe('en')
  expect(pickLocale([])).toBe('en')
})
