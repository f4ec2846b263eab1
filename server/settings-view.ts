/** The settings in force as the fold and planning want them: one view that always speaks of the newest state. */
import type { PlanningSettings } from './planning/planning-settings.ts'
import type { SettingsService } from './setup/settings-service.ts'
import { createSettingsView, promisedFor, type SettingsView } from './state/settings-view.ts'

export function liveSettingsView(settings: SettingsService): SettingsView {
  let view: SettingsView | undefined
  settings.onChange(() => {
    view = undefined
  })
  const current = (): SettingsView => {
    view ??= frozenSettingsView(settings)
    return view
  }
  return {
    get siteZone() {
      return current().siteZone
    },
    queueIds: () => current().queueIds(),
    queue: (queueId) => current().queue(queueId),
    agent: (agentId) => current().agent(agentId),
    queueOf: (sourceId) => current().queueOf(sourceId),
    agentOf: (sourceId) => current().agentOf(sourceId),
    get aliasKey() {
      return current().aliasKey
    },
    clients: () => current().clients(),
    promiseFor: (queueId, day) => current().promiseFor(queueId, day),
  }
}

/** One state of the settings, for a fold that must take out by the same rules what it put in. */
export function frozenSettingsView(settings: SettingsService): SettingsView {
  return createSettingsView({
    site: settings.site(),
    queues: new Map(settings.entries('queue').map(({ id, body }) => [id, body])),
    clients: new Map(settings.entries('client').map(({ id, body }) => [id, body])),
    agents: new Map(settings.entries('agent').map(({ id, body }) => [id, body])),
    promises: settings.entries('promise').map(({ body }) => body),
  })
}

export function planningSettings(settings: SettingsService, view: SettingsView): PlanningSettings {
  return {
    site: () => settings.site(),
    queueIds: () => view.queueIds(),
    queue: (queueId) => settings.get('queue', queueId),
    promiseFor: (queueId, day) => promisedFor(view, queueId, day),
    specialDayEntries: () =>
      settings.entries('special-day').map(({ id, body }) => ({
        id,
        version: settings.version('special-day', id)?.version ?? 0,
        body,
      })),
    forecastSetting: (queueId) => settings.get('forecast', queueId),
  }
}
