/** What each adapter of a source asks for, as fields of a form. The server checks the same options by the same names. */
import type { MessageKey } from '../../../server/messages/translate.ts'

export type SourceOptions = Readonly<Record<string, unknown>>

export interface SourceOptionField {
  readonly key: string
  readonly kind: 'text' | 'number' | 'switch' | 'lines' | 'choice'
  readonly label: MessageKey
  readonly isRequired?: true
  /** What holds when it is left empty; for a choice: the choice. */
  readonly fallback?: string
  readonly example?: string
  readonly choices?: readonly { readonly value: string; readonly label: MessageKey }[]
}

export interface SourceAdapter {
  readonly label: MessageKey
  readonly help: MessageKey
  /** Is called under an address of its own. */
  readonly isCalled?: true
  readonly hasSecret?: true
  readonly needsUrl?: true
  readonly options: readonly SourceOptionField[]
}

const HOST: SourceOptionField = {
  key: 'host',
  kind: 'text',
  label: 'source.option.host',
  isRequired: true,
  example: 'pbx.example',
}
const port = (fallback: string): SourceOptionField => ({
  key: 'port',
  kind: 'number',
  label: 'source.option.port',
  fallback,
})
const SOURCES: SourceOptionField = { key: 'sources', kind: 'lines', label: 'source.option.sources' }
const HEARTBEAT: SourceOptionField = {
  key: 'heartbeatSeconds',
  kind: 'number',
  label: 'source.option.heartbeatSeconds',
}
const AUTHENTICATION: SourceOptionField = {
  key: 'authentication',
  kind: 'choice',
  label: 'source.option.authentication',
  fallback: 'signature',
  choices: [
    { value: 'signature', label: 'source.choice.signature' },
    { value: 'bearer', label: 'source.choice.bearer' },
  ],
}
const MAPPING: SourceOptionField = {
  key: 'mapping',
  kind: 'choice',
  label: 'source.option.mapping',
  fallback: 'gateway',
  choices: [
    { value: 'gateway', label: 'source.choice.gateway' },
    { value: 'nethvoice', label: 'source.choice.nethvoice' },
  ],
}

export const SOURCE_ADAPTER_FORMS: Readonly<Record<string, SourceAdapter>> = {
  'asterisk-queue-log': {
    label: 'source.adapter.asterisk-queue-log',
    help: 'source.help.asterisk-queue-log',
    options: [
      {
        key: 'path',
        kind: 'text',
        label: 'source.option.path',
        isRequired: true,
        example: '/var/log/asterisk/queue_log',
      },
      { key: 'source', kind: 'text', label: 'source.option.source' },
      HEARTBEAT,
    ],
  },
  'asterisk-ami': {
    label: 'source.adapter.asterisk-ami',
    help: 'source.help.asterisk-ami',
    hasSecret: true,
    options: [
      HOST,
      port('5038'),
      { key: 'username', kind: 'text', label: 'source.option.username', isRequired: true },
      { key: 'tls', kind: 'switch', label: 'source.option.tls' },
      HEARTBEAT,
    ],
  },
  'freeswitch-esl': {
    label: 'source.adapter.freeswitch-esl',
    help: 'source.help.freeswitch-esl',
    hasSecret: true,
    options: [HOST, port('8021'), HEARTBEAT],
  },
  'socket-io': {
    label: 'source.adapter.socket-io',
    help: 'source.help.socket-io',
    hasSecret: true,
    needsUrl: true,
    options: [MAPPING, HEARTBEAT, SOURCES],
  },
  'twilio-taskrouter': {
    label: 'source.adapter.twilio-taskrouter',
    help: 'source.help.twilio-taskrouter',
    isCalled: true,
    hasSecret: true,
    options: [
      { key: 'publicUrl', kind: 'text', label: 'source.option.publicUrl', example: 'https://vigie.example' },
      HEARTBEAT,
    ],
  },
  'amazon-connect': {
    label: 'source.adapter.amazon-connect',
    help: 'source.help.amazon-connect',
    isCalled: true,
    hasSecret: true,
    options: [AUTHENTICATION, HEARTBEAT],
  },
  'genesys-eventbridge': {
    label: 'source.adapter.genesys-eventbridge',
    help: 'source.help.genesys-eventbridge',
    isCalled: true,
    hasSecret: true,
    options: [AUTHENTICATION, HEARTBEAT],
  },
  http: {
    label: 'source.adapter.http',
    help: 'source.help.http',
    isCalled: true,
    hasSecret: true,
    options: [
      AUTHENTICATION,
      HEARTBEAT,
      { key: 'numbered', kind: 'switch', label: 'source.option.numbered' },
      SOURCES,
    ],
  },
  import: { label: 'source.adapter.import', help: 'source.help.import', options: [SOURCES] },
}

export const SOURCE_ADAPTER_NAMES: readonly string[] = Object.keys(SOURCE_ADAPTER_FORMS)

/** Where the server looks for the secret of a source. */
export function secretName(sourceId: string): string {
  return `VIGIE_SOURCE_TOKEN_${sourceId.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
}

/** The options as the form holds them: what is not JSON yet is none. */
export function optionsOf(draft: string): SourceOptions | null {
  try {
    const value: unknown = JSON.parse(draft.trim() === '' ? '{}' : draft)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as SourceOptions)
      : null
  } catch {
    return null
  }
}

/** What an input shows of an option. */
export function shownOption(field: SourceOptionField, options: SourceOptions): string {
  const value = options[field.key]
  if (value === undefined) return field.kind === 'choice' ? (field.fallback ?? '') : ''
  if (Array.isArray(value)) return value.map(String).join('\n')
  return typeof value === 'object' ? '' : String(value)
}

/** The options after an input has changed; what is left empty, or is what holds anyway, is left out. */
export function withOption(
  field: SourceOptionField,
  options: SourceOptions,
  typed: string | boolean,
): SourceOptions {
  const { [field.key]: _before, ...rest } = options
  if (typeof typed === 'boolean') return typed ? { ...rest, [field.key]: true } : rest
  const text = typed.trim()
  if (text === '' || (field.kind === 'choice' && text === field.fallback)) return rest
  if (field.kind === 'lines') {
    const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
    return { ...rest, [field.key]: lines }
  }
  const number = Number(text.replace(',', '.'))
  // What is no number is sent as it was typed: the server says what is wrong with it.
  return { ...rest, [field.key]: field.kind === 'number' && Number.isFinite(number) ? number : text }
}

/** Options of this adapter only: another adapter's would be refused. */
export function optionsFor(adapter: string, options: SourceOptions): SourceOptions {
  const keys = new Set(SOURCE_ADAPTER_FORMS[adapter]?.options.map(({ key }) => key))
  return Object.fromEntries(Object.entries(options).filter(([key]) => keys.has(key)))
}
