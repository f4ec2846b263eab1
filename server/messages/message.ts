/** What a text of the catalogue is: one sentence in each language, or one by number. */
export const LOCALES = ['en', 'fr'] as const
export type Locale = (typeof LOCALES)[number]

/** `one` and `other` are chosen by the value `count` and the language's own plural rule (in French 0 and 1 are singular). */
export type Message = string | { readonly one: string; readonly other: string }
export type MessageEntry = Readonly<Record<Locale, Message>>
export type MessageTable = Readonly<Record<string, MessageEntry>>
export type MessageValues = Readonly<Record<string, string | number>>
