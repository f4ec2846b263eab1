/** The formats of event files that import and replay share. */
import { readCloudEventsFile } from '../ingest/cloudevents-file.ts'
import {
  type ContactsMap,
  PLAIN_CONTACTS_MAP,
  parseContactsMap,
  readContactsCsv,
} from '../ingest/contacts-csv.ts'
import type { ImportContext, ImportItem } from '../ingest/import-item.ts'
import { readQueueLog } from '../ingest/queue-log/read-queue-log.ts'
import { UsageError } from './arguments.ts'

export const EVENT_FORMATS = ['queue-log', 'contacts-csv', 'cloudevents'] as const
export type EventFormat = (typeof EVENT_FORMATS)[number]

export function isEventFormat(text: string): text is EventFormat {
  return EVENT_FORMATS.some((format) => format === text)
}

export async function* readEvents(
  format: EventFormat,
  files: readonly string[],
  context: ImportContext,
  map: ContactsMap,
): AsyncGenerator<ImportItem> {
  if (format === 'queue-log') {
    yield* readQueueLog(files, context)
    return
  }
  for (const file of files)
    yield* format === 'contacts-csv'
      ? readContactsCsv(file, map, context)
      : readCloudEventsFile(file, context)
}

export async function contactsMap(
  file: string | undefined,
  readText: (path: string) => Promise<string>,
): Promise<ContactsMap> {
  if (file === undefined) return PLAIN_CONTACTS_MAP
  let value: unknown
  try {
    value = JSON.parse(await readText(file))
  } catch (error) {
    throw new UsageError(`--map ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  const parsed = parseContactsMap(value)
  if (!parsed.ok) throw new UsageError(`--map ${file}: ${parsed.pointer} ${parsed.detail}`)
  return parsed.map
}
