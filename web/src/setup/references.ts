/** Names of the things that settings refer to. Pure. */
import type { SettingBody } from '../../../server/wire/api.ts'
import { type FormatLocale, formatTarget } from '../format/number.ts'

export interface References {
  readonly clients: readonly SettingBody<'client'>[]
  readonly teams: readonly SettingBody<'team'>[]
  readonly queues: readonly SettingBody<'queue'>[]
}

/** What a person calls it: its name; for a promise the client and what was promised. */
export function nameOf(setting: SettingBody, references: References, locale: FormatLocale): string {
  const body = setting.body
  if (body === null) return setting.id
  if ('targetRatio' in body) {
    const client = references.clients.find(({ id }) => id === body.clientId)?.body?.name ?? body.clientId
    return `${client} · ${formatTarget(locale, body.targetRatio)} / ${body.answerThresholdSeconds} s · ${body.effectiveFrom}`
  }
  return 'name' in body && body.name !== '' ? body.name : setting.id
}
