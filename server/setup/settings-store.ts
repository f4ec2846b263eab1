/** Settings as versions: the store that set-up needs. Current = newest version; nothing is ever overwritten. */
import type { SettingBodies, SettingKind, SettingVersion } from '../domain/settings.ts'

export interface SettingsStore {
  /** Newest version of every thing (also removed ones, body null). */
  current(): Promise<readonly SettingVersion[]>
  history(kind: SettingKind, id: string): Promise<readonly SettingVersion[]>
  /**
   * Writes version `baseVersion + 1`. Returns undefined when `baseVersion` is no longer the newest (0 = the thing is new).
   */
  put<K extends SettingKind>(change: {
    readonly kind: K
    readonly id: string
    readonly baseVersion: number
    readonly changedAtMs: number
    readonly changedBy: string
    readonly body: SettingBodies[K] | null
  }): Promise<SettingVersion<K> | undefined>
  /**
   * First versions of things that a feed named, in one transaction; what exists already (also removed) stays and is not returned.
   */
  createMissing(
    things: readonly {
      readonly kind: SettingKind
      readonly id: string
      readonly body: SettingBodies[SettingKind]
    }[],
    change: { readonly changedAtMs: number; readonly changedBy: string },
  ): Promise<readonly SettingVersion[]>
}
