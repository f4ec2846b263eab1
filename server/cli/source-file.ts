/**
 * Sources by file: `vigie serve --sources FILE`, a JSON object of settings by id, without secrets. The whole file is checked
 * before anything starts; then what differs becomes a new version, by the author `sources file`. Others stay as they are.
 */
import { readFile } from 'node:fs/promises'
import type { SourceSetting } from '../domain/settings.ts'
import { settingIdProblem, settingProblems } from '../setup/setting-rules.ts'
import type { SettingsService } from '../setup/settings-service.ts'
import { UsageError } from './arguments.ts'

const AUTHOR = 'sources file'

export type SourcesFile = ReadonlyMap<string, SourceSetting>

export async function readSourcesFile(path: string): Promise<SourcesFile> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`--sources: ${path}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(
      `--sources: ${path}: must be an object: {"pbx": {"adapter": "asterisk-queue-log", …}}`,
    )
  const sources = new Map<string, SourceSetting>()
  for (const [id, given] of Object.entries(value)) sources.set(id, checked(path, id, given))
  return sources
}

function checked(path: string, id: string, given: unknown): SourceSetting {
  const fault = (pointer: string, detail: string) =>
    new UsageError(
      `--sources: ${path}: /${id.replaceAll('~', '~0').replaceAll('/', '~1')}${pointer} ${detail}`,
    )
  const idProblem = settingIdProblem(id)
  if (idProblem !== undefined) throw fault('', idProblem)
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw fault('', 'must be an object')
  const body = { url: null, options: {}, enabled: true, ...given }
  const [problem] = settingProblems('source', body, { has: () => true })
  if (problem !== undefined) throw fault(problem.pointer, problem.detail)
  // What was checked is a setting of a source.
  return body as unknown as SourceSetting
}

/** Stores what differs from what is in force. */
export async function applySources(
  settings: Pick<SettingsService, 'get' | 'put' | 'version'>,
  sources: SourcesFile,
): Promise<readonly string[]> {
  const changed: string[] = []
  for (const [id, body] of sources) {
    if (sameJson(settings.get('source', id), body)) continue
    const baseVersion = settings.version('source', id)?.version ?? 0
    const outcome = await settings.put({ kind: 'source', id, baseVersion, changedBy: AUTHOR, body })
    if (outcome.kind === 'stored') changed.push(id)
    else throw new Error(`the source "${id}" of the file could not be stored: ${outcome.kind}`)
  }
  return changed
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  )
}
