/** Takes and releases the folder's lock as often as told, and looks each time whether it is alone. Parameters: folder, times. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseError } from '../../../server/db/database-error.ts'
import { lockFolder } from '../../../server/db/folder-lock.ts'

const [folder = '', times = ''] = process.argv.slice(2)
const inside = join(folder, 'inside')
for (let held = 0; held < Number(times); ) {
  try {
    const lock = lockFolder(folder, 'command')
    closeSync(openSync(inside, 'wx'))
    held++
    await new Promise((resolve) => setTimeout(resolve, held % 3))
    rmSync(inside)
    lock.release()
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
  }
  await new Promise((resolve) => setImmediate(resolve))
}
writeSync(1, 'done\n')
