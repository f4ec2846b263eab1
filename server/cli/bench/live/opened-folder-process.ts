/** A process that opens the folder of an embedded database and does nothing more: what the server's memory is compared with. */
import { openPglite } from '../../../db/pglite-client.ts'

export interface OpenedFolder {
  readonly residentMegabytes: number
}

const client = await openPglite(process.argv[2] ?? '')
globalThis.gc?.()
const opened: OpenedFolder = { residentMegabytes: process.memoryUsage().rss / 1e6 }
process.send?.(opened)
await client.close()
process.disconnect?.()
