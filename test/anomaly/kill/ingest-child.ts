/** Appends batch after batch and reports each acknowledged one, until it is killed. Parameters: location as JSON, round. */
import { writeSync } from 'node:fs'
import { createLedgerStore } from '../../../server/db/ledger-store.ts'
import { openDatabase } from '../../../server/db/open-database.ts'
import { ledgerEvent } from '../../support/ledger-events.ts'

const [location = '', round = ''] = process.argv.slice(2)
const ledger = createLedgerStore(await openDatabase(JSON.parse(location)))
for (let number = 0; ; number++) {
  // Sizes from 1 to some hundreds, so that a kill meets every part of a transaction.
  const size = 1 + ((number * 97) % 400)
  const batch = Array.from({ length: size }, (_, index) => ledgerEvent(`${round}/${number}/${index}/${size}`))
  // Sent twice, as a sender does that did not hear the answer.
  await ledger.append([...batch, ...batch.slice(0, 5)])
  writeSync(1, `${number} ${size}\n`)
}
