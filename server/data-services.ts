/** Everything that stands on the database, opened together: the server and the commands share it. */

import { createBoardLinks } from './boards/board-links.ts'
import { createBoardService } from './boards/board-service.ts'
import { readCallerKeys } from './caller-keys.ts'
import { createAlertStore, createNoteStore } from './db/alert-store.ts'
import { createBoardLinkStore, createBoardStore } from './db/board-store.ts'
import { createCloseCursor } from './db/close-cursor.ts'
import { createDayCloseStore } from './db/day-close-store.ts'
import { createFigureStore } from './db/figure-store.ts'
import { createLedgerStore } from './db/ledger-store.ts'
import { type Database, openDatabase } from './db/open-database.ts'
import { createPeopleStore } from './db/people-store.ts'
import { createPlanningStore } from './db/planning-store.ts'
import { createRingBackStore } from './db/ring-back-store.ts'
import { createSettingsStore } from './db/settings-store.ts'
import type { Clock } from './domain/clock.ts'
import { realClock } from './domain/clock.ts'
import { createIngestService } from './ingest/ingest-service.ts'
import { createCallerSeal } from './ledger/caller-seal.ts'
import type { LedgerStore } from './ledger/ledger.ts'
import { createPeopleService } from './people/people-service.ts'
import { createSettingsService } from './setup/settings-service.ts'

export interface DataLocation {
  readonly dataDir: string
  readonly databaseUrl: string | undefined
}

export interface DataServicesOptions {
  readonly location: DataLocation
  readonly role: 'server' | 'command'
  readonly migrate: boolean
  /** The site's clock, maybe scaled. Sessions and links always run on the real one. */
  readonly clock: Clock
  readonly log: (message: string, error: unknown) => void
}

export type DataServices = Awaited<ReturnType<typeof openDataServices>>

export async function openDataServices(options: DataServicesOptions) {
  const { location, clock, log } = options
  const database: Database = await openDatabase(
    location.databaseUrl === undefined
      ? { dataDir: location.dataDir }
      : { databaseUrl: location.databaseUrl },
    { role: options.role, schema: options.migrate ? 'migrate' : 'require' },
  )
  try {
    const ledger = createLedgerStore(database, {
      seal: createCallerSeal(readCallerKeys(location.dataDir, process.env)),
      log: (message) => log(message, undefined),
    })
    await prepareLedger(ledger)
    const settings = await createSettingsService({ store: createSettingsStore(database), clock })
    const people = createPeopleService({ store: createPeopleStore(database), clock: realClock })
    return {
      database,
      location,
      clock,
      ledger,
      settings,
      people,
      // A board's author and time are a person's; links are watched on the real clock, as sessions are.
      boards: await createBoardService({ store: createBoardStore(database), clock: realClock }),
      boardLinks: createBoardLinks({ store: createBoardLinkStore(database), clock: realClock }),
      planningStore: createPlanningStore(database),
      dayCloses: createDayCloseStore(database),
      closeCursor: createCloseCursor(database),
      alertStore: createAlertStore(database),
      noteStore: createNoteStore(database),
      ringBackStore: createRingBackStore(database),
      figures: createFigureStore(database),
      ingest: createIngestService({ ledger, things: settings, clock, log }),
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

/** What a ledger of an older program lacks: pages, and sealed numbers. Nothing to do on every other start. */
async function prepareLedger(ledger: LedgerStore): Promise<void> {
  while ((await ledger.sealCallers()) > 0);
  while ((await ledger.pageTail()) > 0);
}
