/** Opens the database as a server does, reports it, and holds it until it is killed. Parameter: folder. */
import { writeSync } from 'node:fs'
import { openDatabase } from '../../../server/db/open-database.ts'

const [dataDir = ''] = process.argv.slice(2)
await openDatabase({ dataDir }, { role: 'server' })
writeSync(1, 'open\n')
setInterval(() => undefined, 1_000)
