/** One queue and day under edit: what the server knows, what was changed here, and what became of saving it. */
import type { PlanDayBody, PlanVersionBody } from '../../../server/wire/api.ts'
import { consequenceOf } from '../desk/consequences.ts'
import { type EditHistory, edit, redo, sameNumbers, startHistory, undo } from '../desk/edit-history.ts'
import { keepChance } from '../desk/keep-chance.ts'
import { ForecastRun } from '../forecast/forecast-run.svelte.ts'
import { ApiProblem, request } from '../session/api.ts'

export type DeskNotice =
  | { readonly kind: 'saved' | 'published' | 'rerun'; readonly version: number }
  | { readonly kind: 'copied'; readonly day: string }

/** Edits that were not saved, by queue and day: they outlive a look at another page. */
const kept = new Map<string, { readonly baseVersion: number; readonly history: EditHistory }>()

export class PlanDesk {
  readonly queueId: string
  readonly day: string
  body = $state.raw<PlanDayBody | null>(null)
  history = $state.raw<EditHistory>(startHistory([]))
  error = $state.raw<unknown>(null)
  notice = $state.raw<DeskNotice | null>(null)
  busy = $state(false)
  /** Version that somebody else saved meanwhile. */
  conflictVersion = $state<number | null>(null)

  agents = $derived(this.history.present)
  unsaved = $derived(this.body !== null && !sameNumbers(this.agents, savedAgents(this.body)))
  consequences = $derived.by(() => {
    const body = this.body
    return body === null
      ? []
      : body.intervals.map((_, index) => consequenceOf(body, index, this.agents[index] ?? 0))
  })
  chance = $derived(
    this.body === null || this.body.forecast === null ? null : keepChance(this.body, this.agents),
  )

  constructor(queueId: string, day: string) {
    this.queueId = queueId
    this.day = day
  }

  get #path(): string {
    return `/plans/${encodeURIComponent(this.queueId)}/${this.day}`
  }

  get #key(): string {
    return `${this.queueId} ${this.day}`
  }

  get csvAddress(): string {
    return `/api/v1${this.#path}/csv`
  }

  async load(): Promise<void> {
    await this.#doing(async () => {
      const body = await request<PlanDayBody>('GET', this.#path)
      const waiting = kept.get(this.#key)
      const usable =
        waiting?.baseVersion === (body.plan?.version ?? 0) &&
        waiting.history.present.length === body.intervals.length
      this.body = body
      this.history = usable && waiting !== undefined ? waiting.history : startHistory(savedAgents(body))
    })
  }

  set(agents: readonly number[], merge = false): void {
    this.#put(edit(this.history, agents, merge))
    this.notice = null
  }

  undo(): void {
    this.#put(undo(this.history))
  }

  redo(): void {
    this.#put(redo(this.history))
  }

  #put(history: EditHistory): void {
    this.history = history
    kept.set(this.#key, { baseVersion: this.body?.plan?.version ?? 0, history })
  }

  save(): Promise<void> {
    return this.#store('PUT', this.#path, 'saved')
  }

  publish(): Promise<void> {
    return this.#store('POST', `${this.#path}/publish`, 'published')
  }

  async #store(method: 'PUT' | 'POST', path: string, kind: 'saved' | 'published'): Promise<void> {
    const body = this.body
    if (body === null) return
    const agents = this.agents
    await this.#doing(async () => {
      const baseVersion = body.plan?.version ?? 0
      const plan = await request<PlanVersionBody>(method, path, { agents, baseVersion })
      this.#adopt(body, plan)
      this.notice = { kind, version: plan.version }
    })
  }

  /** The version just stored is what the server knows; what was typed meanwhile stays. */
  #adopt(body: PlanDayBody, plan: PlanVersionBody): void {
    const intervals = body.intervals.map((interval, index) => ({
      ...interval,
      agents: plan.agents[index] ?? null,
    }))
    this.body = { ...body, plan, intervals }
    kept.delete(this.#key)
  }

  async copyTo(toDay: string): Promise<void> {
    await this.#doing(async () => {
      await request('POST', `${this.#path}/copy`, { toDay })
      this.notice = { kind: 'copied', day: toDay }
    })
  }

  async rerunForecast(): Promise<void> {
    await this.#doing(async () => {
      const run = new ForecastRun()
      if (!(await run.start({ queueIds: [this.queueId], compare: false })) && run.error !== null)
        throw run.error
      const body = await request<PlanDayBody>('GET', this.#path)
      const agents = this.agents
      this.body = body
      if (agents.length !== body.intervals.length) this.history = startHistory(savedAgents(body))
      if (body.forecast !== null) this.notice = { kind: 'rerun', version: body.forecast.version }
    })
  }

  /** After a conflict: the newest version becomes the base; `mine` keeps the figures of this page on top of it. */
  async resolve(mine: boolean): Promise<void> {
    const agents = this.agents
    await this.#doing(async () => {
      const body = await request<PlanDayBody>('GET', this.#path)
      this.body = body
      const fresh = startHistory(savedAgents(body))
      this.history = mine && agents.length === fresh.present.length ? edit(fresh, agents) : fresh
      this.conflictVersion = null
    })
  }

  async #doing(work: () => Promise<void>): Promise<void> {
    this.busy = true
    this.error = null
    this.notice = null
    try {
      await work()
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 409) await this.#noticeConflict(error)
      else this.error = error
    } finally {
      this.busy = false
    }
  }

  async #noticeConflict(problem: ApiProblem): Promise<void> {
    const newest = await request<PlanDayBody>('GET', this.#path).catch(() => null)
    this.conflictVersion = newest?.plan?.version ?? 0
    if (newest === null) this.error = problem
  }
}

function savedAgents(body: PlanDayBody): readonly number[] {
  return body.intervals.map((interval) => interval.agents ?? 0)
}
