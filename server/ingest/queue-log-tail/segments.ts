/** The files of one rotating log: `queue_log` and what it was renamed or copied to, found by content and never by name alone. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { parseFileRow } from '../queue-log/rows.ts'
import { type FileHead, GrowingFile, idOf, isMissing } from './growing-file.ts'
import type { FilePlace } from './positions.ts'

/** Files looked at in the log's folder: a folder with years of segments stays cheap. */
const SEGMENTS_MAX = 500
const COMPRESSED = /\.(gz|bz2|xz|zst|lz4)$/i

export async function fileIdOf(path: string): Promise<string | null> {
  try {
    return idOf(await stat(path, { bigint: true }))
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** The file that holds what was read up to the place: itself under another name, or the copy that a rotation made of it. */
export async function findSegment(
  path: string,
  known: {
    readonly fileId: string
    readonly head: FileHead
    readonly from: FilePlace
    readonly to: FilePlace
  },
): Promise<GrowingFile | null> {
  let copy: string | null = null
  for (const candidate of await segmentPaths(path)) {
    const isSame = await withFile(candidate, async (file) => {
      const head = await file.head(known.head.length)
      const fits = head.hash === known.head.hash && (await file.sizeBytes()) >= known.to.offset
      return fits ? (file.fileId === known.fileId ? 'itself' : 'copy') : null
    })
    if (isSame === 'itself') return GrowingFile.open(candidate, known.from)
    // An empty head is like any other: only the file itself would do.
    if (isSame === 'copy' && known.head.length > 0) copy ??= candidate
  }
  return copy === null ? null : GrowingFile.open(copy, known.from)
}

/** The segment that follows: the earliest of the later ones, so that none of a double rotation is passed over. */
export async function openNextSegment(
  path: string,
  after: { readonly fileId: string | null; readonly segmentKey: string | null },
): Promise<GrowingFile | null> {
  let next: { readonly path: string; readonly key: string } | null = null
  for (const candidate of after.segmentKey === null ? [] : await segmentPaths(path)) {
    const key = await withFile(candidate, async (file) =>
      file.fileId === after.fileId ? null : await firstKey(file),
    )
    if (key === null || key <= (after.segmentKey ?? '')) continue
    if (next === null || key < next.key) next = { path: candidate, key }
  }
  if (next !== null) return GrowingFile.open(next.path)
  return (await fileIdOf(path)) === after.fileId ? null : GrowingFile.open(path)
}

async function segmentPaths(path: string): Promise<readonly string[]> {
  const folder = dirname(path)
  const name = basename(path)
  const names = await readdir(folder).catch(() => [])
  const others = names.filter((other) => other.startsWith(name) && other !== name && !COMPRESSED.test(other))
  return [
    path,
    ...others
      .sort()
      .slice(0, SEGMENTS_MAX)
      .map((other) => join(folder, other)),
  ]
}

/** Epoch second of the first usable row, padded as the reader pads it. */
async function firstKey(file: GrowingFile): Promise<string | null> {
  for (const line of await file.readLines()) {
    const result = parseFileRow(line.text)
    if ('row' in result) return String(Math.floor(result.row.occurredAtMs / 1000)).padStart(11, '0')
  }
  return null
}

async function withFile<T>(path: string, read: (file: GrowingFile) => Promise<T>): Promise<T | null> {
  let file: GrowingFile | null = null
  try {
    file = await GrowingFile.open(path)
    return file === null ? null : await read(file)
  } catch {
    // A folder of that name, or a file that we may not read: not a segment for us.
    return null
  } finally {
    await file?.close()
  }
}
