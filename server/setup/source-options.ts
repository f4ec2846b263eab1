/** What each adapter of a source takes: checked option by option, with a pointer to what is wrong. Secrets are no options. */
import { isAbsolute } from 'node:path'

interface Problem {
  readonly pointer: string
  readonly detail: string
}

type Check = (value: unknown) => string | undefined

interface Option {
  readonly check: Check
  readonly isRequired?: true
}

interface Adapter {
  /** Connects out to `url`. */
  readonly needsUrl?: true
  readonly options: Readonly<Record<string, Option>>
}

const TEXT_LENGTH_MAX = 200
const PATH_LENGTH_MAX = 1_000
const SOURCES_MAX = 100
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

const text: Check = (value) =>
  isText(value, TEXT_LENGTH_MAX) ? undefined : `must be text of 1 to ${TEXT_LENGTH_MAX} characters`

/** One line of a protocol, or a name that a resolver takes: no blanks. */
const host: Check = (value) =>
  isText(value, TEXT_LENGTH_MAX) && /^[^\s/@]+$/.test(value)
    ? undefined
    : 'must be the name or address of a host'

const port: Check = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
    ? undefined
    : 'must be a port from 1 to 65535'

const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false')

const path: Check = (value) =>
  isText(value, PATH_LENGTH_MAX) && isAbsolute(value)
    ? undefined
    : 'must be an absolute path of a file, such as /var/log/asterisk/queue_log'

const publicUrl: Check = (value) =>
  isText(value, PATH_LENGTH_MAX) && URL.canParse(value) && isPlainOrigin(new URL(value))
    ? undefined
    : 'must be scheme and host as the sender calls them, such as https://vigie.example'

const sources: Check = (value) =>
  Array.isArray(value) && value.length <= SOURCES_MAX && value.every((one) => isText(one, TEXT_LENGTH_MAX))
    ? undefined
    : `must be a list of up to ${SOURCES_MAX} CloudEvents sources`

const authentication: Check = (value) =>
  value === 'signature' || value === 'bearer' ? undefined : 'must be "signature" or "bearer"'

/** A profile's name or a mapping: what is inside is checked where it is read. */
const mapping: Check = (value) =>
  isText(value, TEXT_LENGTH_MAX) || isObject(value)
    ? undefined
    : 'must be the name of a mapping, or a mapping'

const HEARTBEAT_SECONDS_MAX = 86_400
const heartbeatSeconds: Check = (value) =>
  typeof value === 'number' && value >= 1 && value <= HEARTBEAT_SECONDS_MAX
    ? undefined
    : `must be a number of seconds from 1 to ${HEARTBEAT_SECONDS_MAX}`

/** Of every feed that lives: how often it is heard of at least. */
const LIVE = { heartbeatSeconds: { check: heartbeatSeconds } } as const
const CARRIED = { sources: { check: sources } } as const
const PUSHED = { authentication: { check: authentication } } as const

const ADAPTERS: Readonly<Record<string, Adapter>> = {
  http: { options: { ...LIVE, ...CARRIED, ...PUSHED, numbered: { check: flag } } },
  'socket-io': { needsUrl: true, options: { ...LIVE, ...CARRIED, mapping: { check: mapping } } },
  'asterisk-queue-log': {
    options: { ...LIVE, path: { check: path, isRequired: true }, source: { check: text } },
  },
  'asterisk-ami': {
    options: {
      ...LIVE,
      host: { check: host, isRequired: true },
      port: { check: port },
      username: { check: text, isRequired: true },
      tls: { check: flag },
    },
  },
  'freeswitch-esl': { options: { ...LIVE, host: { check: host, isRequired: true }, port: { check: port } } },
  'twilio-taskrouter': { options: { ...LIVE, publicUrl: { check: publicUrl } } },
  'amazon-connect': { options: { ...LIVE, ...PUSHED } },
  'genesys-eventbridge': { options: { ...LIVE, ...PUSHED } },
  import: { options: CARRIED },
}

export const SOURCE_ADAPTERS: readonly string[] = Object.keys(ADAPTERS)

/** Of a body whose fields are good by themselves; an unknown adapter is told there. */
export function sourceOptionProblems(body: Readonly<Record<string, unknown>>): readonly Problem[] {
  const { adapter: name, options: given, url, enabled } = body
  if (typeof name !== 'string' || !Object.hasOwn(ADAPTERS, name) || !isObject(given)) return []
  const adapter = ADAPTERS[name]
  if (adapter === undefined) return []
  const problems: Problem[] = []
  if (adapter.needsUrl === true && enabled === true && url === null)
    problems.push({ pointer: '/url', detail: 'must be the address of the feed' })
  for (const [option, { check, isRequired }] of Object.entries(adapter.options)) {
    const detail = Object.hasOwn(given, option)
      ? check(given[option])
      : isRequired === true
        ? 'is missing'
        : undefined
    if (detail !== undefined) problems.push({ pointer: `/options/${option}`, detail })
  }
  for (const option of Object.keys(given)) {
    if (Object.hasOwn(adapter.options, option)) continue
    const escaped = option.replaceAll('~', '~0').replaceAll('/', '~1')
    problems.push({ pointer: `/options/${escaped}`, detail: `is not an option of ${name}` })
  }
  return problems
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= lengthMax && !CONTROL.test(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPlainOrigin({ protocol, username, password, search, hash }: URL): boolean {
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === ''
}
