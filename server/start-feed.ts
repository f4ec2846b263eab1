/** From the setting of a source to a feed that runs: which adapter, with which of its options. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { DataServices } from './data-services.ts'
import type { SourceSetting } from './domain/settings.ts'
import { startAsteriskAmiSource } from './ingest/asterisk-ami/source.ts'
import type { FeedOptions, RunningFeedSource } from './ingest/feed-delivery.ts'
import { startFreeswitchEslSource } from './ingest/freeswitch-esl/source.ts'
import { filePositions, type TailPositions } from './ingest/queue-log-tail/positions.ts'
import { startQueueLogTailSource } from './ingest/queue-log-tail/source.ts'
import {
  checkMapping,
  GATEWAY_MAPPING,
  SOCKET_IO_PROFILES,
  type SocketIoMapping,
} from './ingest/socket-io/mapping.ts'
import { startSocketIoSource } from './ingest/socket-io/source.ts'
import { type FeedWord, feedWord } from './wire/feed-state.ts'

const AMI_PORT = 5038
const ESL_PORT = 8021
/** Adapters that connect out or read by themselves; the others are called. */
const RUNNING_ADAPTERS = new Set(['socket-io', 'asterisk-queue-log', 'asterisk-ami', 'freeswitch-esl'])

export interface FeedStart {
  readonly id: string
  readonly setting: SourceSetting
  readonly secret: string
  readonly data: Pick<DataServices, 'clock' | 'ingest' | 'ledger' | 'location'>
  readonly onState: () => void
  readonly onUnknownVerb: (verb: string) => void
  readonly onRejected: NonNullable<FeedOptions['onRejected']>
}

export function runsByItself({ adapter, url }: SourceSetting): boolean {
  return RUNNING_ADAPTERS.has(adapter) && (adapter !== 'socket-io' || url !== null)
}

/** The CloudEvents source that an adapter gives its events. */
export function feedSourceOf(id: string, { adapter, options }: SourceSetting): string {
  if (adapter === 'asterisk-queue-log') return text(options.source) ?? id
  return `/${adapter}/${id}`
}

/** A word says why it cannot be started. */
export function startFeed(start: FeedStart): RunningFeedSource | FeedWord {
  const { id, setting, secret, data, onState } = start
  const { options } = setting
  const source = feedSourceOf(id, setting)
  const ingest = (events: readonly unknown[]) =>
    data.ingest.ingest(
      events.map((value) => ({ value })),
      source,
    )
  const feed = {
    clock: data.clock,
    ingest,
    onState,
    onUnknownVerb: start.onUnknownVerb,
    onRejected: start.onRejected,
  }
  const address = (port: number) => ({
    host: text(options.host) ?? '127.0.0.1',
    port: typeof options.port === 'number' ? options.port : port,
  })
  switch (setting.adapter) {
    case 'socket-io': {
      const mapping = mappingOf(setting)
      if ('code' in mapping) return mapping
      const url = setting.url ?? ''
      return startSocketIoSource({ ...feed, url, token: secret, name: id, mapping })
    }
    case 'asterisk-queue-log': {
      const path = text(options.path)
      if (path === undefined) return feedWord('no-path')
      const positions = tailPositions(data, { id, path, source })
      return startQueueLogTailSource({ ...feed, path, source, positions })
    }
    case 'asterisk-ami':
      return startAsteriskAmiSource({
        ...feed,
        ...address(AMI_PORT),
        username: text(options.username) ?? '',
        secret,
        name: id,
        tls: options.tls === true,
      })
    case 'freeswitch-esl':
      return startFreeswitchEslSource({ ...feed, ...address(ESL_PORT), password: secret, name: id })
    default:
      return feedWord('no-adapter', { adapter: setting.adapter })
  }
}

/**
 * Where a tail has read to, beside the data. A position that the ledger knows nothing of (another database, a new name)
 * is not believed: the log is read again, and rows that are there already are duplicates.
 */
function tailPositions(
  { ledger, location }: FeedStart['data'],
  tail: { readonly id: string; readonly path: string; readonly source: string },
): TailPositions {
  // An id is no file name, and letters that differ in case only may be one file.
  const name = createHash('sha256')
    .update(JSON.stringify([tail.id, tail.path, tail.source]))
    .digest('hex')
  const file = filePositions(join(location.dataDir, 'tail', `${name.slice(0, 32)}.json`))
  return {
    async load() {
      const statuses = await ledger.sourceStatuses()
      const isKnown = statuses.some(({ source, accepted }) => source === tail.source && accepted > 0)
      return isKnown ? file.load() : null
    },
    save: (position) => file.save(position),
  }
}

/** The name of a known profile, or a mapping of its own; a word says what is wrong with it. */
function mappingOf({ options: { mapping } }: SourceSetting): SocketIoMapping | FeedWord {
  if (mapping === undefined) return GATEWAY_MAPPING
  if (typeof mapping === 'string') {
    const known = Object.hasOwn(SOCKET_IO_PROFILES, mapping) ? SOCKET_IO_PROFILES[mapping] : undefined
    return known ?? feedWord('no-mapping', { name: mapping })
  }
  const check = checkMapping(mapping)
  if ('mapping' in check) return check.mapping
  return feedWord('bad-mapping', { place: `/mapping${check.pointer}`, detail: check.detail })
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
