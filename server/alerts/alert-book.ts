/**
 * The alerts of the site: one for each cause and subject, from the moment the cause has lasted until it is over. States of
 * one: armed → bad since → raised → (acknowledged) → ended, and armed again. Every change is stored before it is shown.
 */
import { type AlertBody, type AlertThresholds, DEFAULT_ALERT_THRESHOLDS, SITE_SCOPE } from '../wire/alerts.ts'
import { type Condition, conditionsOf, type Watched } from './alert-causes.ts'
import type { AlertChange, AlertStore, ThresholdVersion } from './alert-store.ts'

interface Alert {
  readonly alertId: string
  readonly raised: AlertChange
  acknowledged: AlertChange | null
  ended: AlertChange | null
  version: number
}

export interface AlertBookOptions {
  readonly store: AlertStore
  readonly nowMs: () => number
  readonly newId: () => string
  readonly onChange: () => void
}

export type AcknowledgeOutcome = 'acknowledged' | 'changed' | 'not-found'
export type ThresholdOutcome = ThresholdVersion | 'changed'

/** Ended alerts kept at hand; older ones are in the store. */
const ENDED_HELD_MS = 24 * 3_600_000
/** More causes at once than this are one cause: the feed, or the thresholds. */
const OPEN_MAX = 500
const SELF = 'vigie'

export class AlertBook {
  readonly #options: AlertBookOptions
  readonly #thresholds = new Map<string, ThresholdVersion>()
  /** Open ones by scope, cause and subject. */
  readonly #open = new Map<string, Alert>()
  readonly #ended: Alert[] = []
  readonly #badSince = new Map<string, number>()
  #busy: Promise<void> | undefined

  constructor(options: AlertBookOptions) {
    this.#options = options
  }

  async load(): Promise<void> {
    const { store, nowMs } = this.#options
    for (const version of await store.thresholds()) this.#thresholds.set(version.scope, version)
    const byId = new Map<string, Alert>()
    for (const change of await store.alertChanges(nowMs() - ENDED_HELD_MS)) applyChange(byId, change)
    for (const alert of byId.values()) {
      if (alert.ended === null) this.#open.set(keyOf(alert.raised), alert)
      else this.#ended.push(alert)
    }
    this.#ended.sort(newestFirst)
  }

  thresholdsOf(scope: string): ThresholdVersion {
    const own = this.#thresholds.get(scope)
    if (own !== undefined) return own
    return {
      scope,
      version: 0,
      changedAtMs: 0,
      changedBy: '',
      body: scope === SITE_SCOPE ? DEFAULT_ALERT_THRESHOLDS : null,
    }
  }

  /** A scope without thresholds of its own shows the site's alerts. */
  scopeFor(boardId: string | null): string {
    return boardId !== null && this.thresholdsOf(boardId).body !== null ? boardId : SITE_SCOPE
  }

  async putThresholds(
    scope: string,
    version: number,
    body: AlertThresholds | null,
    by: string,
  ): Promise<ThresholdOutcome> {
    const { store, nowMs, onChange } = this.#options
    const stored = await store.addThresholds({
      scope,
      version: version + 1,
      changedAtMs: nowMs(),
      changedBy: by,
      body,
    })
    if (stored === undefined) return 'changed'
    this.#thresholds.set(scope, stored)
    onChange()
    return stored
  }

  open(): readonly AlertBody[] {
    return [...this.#open.values()].sort(newestFirst).map(bodyOf)
  }

  /** The last day's, newest first. */
  ended(sinceMs: number): readonly AlertBody[] {
    return this.#ended.filter(({ ended }) => (ended?.changedAtMs ?? 0) >= sinceMs).map(bodyOf)
  }

  async acknowledge(alertId: string, version: number, by: string): Promise<AcknowledgeOutcome> {
    const { store, nowMs, onChange } = this.#options
    const alert = [...this.#open.values()].find((one) => one.alertId === alertId)
    if (alert === undefined)
      return this.#ended.some((one) => one.alertId === alertId) ? 'changed' : 'not-found'
    if (alert.version !== version || alert.acknowledged !== null) return 'changed'
    const change: AlertChange = {
      ...alert.raised,
      version: version + 1,
      kind: 'acknowledged',
      changedAtMs: nowMs(),
      changedBy: by,
    }
    if (!(await store.addAlertChange(change))) return 'changed'
    alert.acknowledged = change
    alert.version = change.version
    onChange()
    return 'acknowledged'
  }

  /** Looks at everything once. Called every second or so; a call while another one writes is left out. */
  async watch(watched: Watched): Promise<void> {
    if (this.#busy !== undefined) return this.#busy
    this.#busy = this.#watch(watched).finally(() => {
      this.#busy = undefined
    })
    return this.#busy
  }

  async #watch(watched: Watched): Promise<void> {
    const scopes = [SITE_SCOPE, ...this.#thresholds.keys()].filter(
      (scope, index, all) => all.indexOf(scope) === index && this.thresholdsOf(scope).body !== null,
    )
    const seen = new Set<string>()
    let changed = false
    for (const scope of scopes) {
      const { body } = this.thresholdsOf(scope)
      if (body === null) continue
      for (const condition of conditionsOf(watched, body)) {
        const key = keyOf({ scope, ...condition })
        seen.add(key)
        if (await this.#step(key, scope, condition, watched.nowMs)) changed = true
      }
    }
    // Its queue, source or threshold is gone: so is the cause.
    for (const [key, alert] of [...this.#open]) {
      if (seen.has(key)) continue
      await this.#end(key, alert, watched.nowMs, alert.raised.measured)
      changed = true
    }
    for (const key of this.#badSince.keys()) if (!seen.has(key)) this.#badSince.delete(key)
    this.#forgetEnded(watched.nowMs)
    if (changed) this.#options.onChange()
  }

  async #step(key: string, scope: string, condition: Condition, nowMs: number): Promise<boolean> {
    const alert = this.#open.get(key)
    if (alert !== undefined) {
      if (!condition.ends) return false
      await this.#end(key, alert, nowMs, condition.measured)
      return true
    }
    if (!condition.begins) {
      this.#badSince.delete(key)
      return false
    }
    const since = this.#badSince.get(key) ?? nowMs
    this.#badSince.set(key, since)
    if (nowMs - since < condition.lastsMs || this.#open.size >= OPEN_MAX) return false
    const { cause, subject, measured, threshold } = condition
    const raised: AlertChange = {
      alertId: this.#options.newId(),
      version: 1,
      kind: 'raised',
      changedAtMs: nowMs,
      changedBy: SELF,
      scope,
      cause,
      subject,
      measured,
      threshold,
    }
    await this.#options.store.addAlertChange(raised)
    this.#badSince.delete(key)
    this.#open.set(key, { alertId: raised.alertId, raised, acknowledged: null, ended: null, version: 1 })
    return true
  }

  async #end(key: string, alert: Alert, nowMs: number, measured: number): Promise<void> {
    const change: AlertChange = {
      ...alert.raised,
      version: alert.version + 1,
      kind: 'ended',
      changedAtMs: nowMs,
      changedBy: SELF,
      measured,
    }
    // Where an acknowledgement came in between, the next look ends it after that one.
    if (!(await this.#options.store.addAlertChange(change))) return
    alert.ended = change
    alert.version = change.version
    this.#open.delete(key)
    this.#ended.unshift(alert)
  }

  #forgetEnded(nowMs: number): void {
    while ((this.#ended.at(-1)?.ended?.changedAtMs ?? nowMs) < nowMs - ENDED_HELD_MS) this.#ended.pop()
  }
}

function keyOf({ scope, cause, subject }: Pick<AlertChange, 'scope' | 'cause' | 'subject'>): string {
  return JSON.stringify([scope, cause, subject])
}

function applyChange(byId: Map<string, Alert>, change: AlertChange): void {
  const alert = byId.get(change.alertId)
  if (alert === undefined) {
    if (change.kind === 'raised')
      byId.set(change.alertId, {
        alertId: change.alertId,
        raised: change,
        acknowledged: null,
        ended: null,
        version: change.version,
      })
    return
  }
  alert.version = Math.max(alert.version, change.version)
  if (change.kind === 'acknowledged') alert.acknowledged = change
  if (change.kind === 'ended') alert.ended = change
}

function newestFirst(a: Alert, b: Alert): number {
  const at = (alert: Alert) => (alert.ended ?? alert.raised).changedAtMs
  return at(b) - at(a) || (a.alertId < b.alertId ? -1 : 1)
}

function bodyOf({ alertId, raised, acknowledged, ended, version }: Alert): AlertBody {
  return {
    key: alertId,
    alertId,
    version,
    scope: raised.scope,
    cause: raised.cause,
    queueId: raised.cause === 'source' ? null : raised.subject,
    subject: raised.subject,
    measured: raised.measured,
    threshold: raised.threshold,
    raisedAtMs: raised.changedAtMs,
    acknowledgedAtMs: acknowledged?.changedAtMs ?? null,
    acknowledgedBy: acknowledged?.changedBy ?? null,
    endedAtMs: ended?.changedAtMs ?? null,
  }
}
