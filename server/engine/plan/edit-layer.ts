/**
 * Manual edits as a layer over a forecast: model in, effective forecast out, for the server and for the page that shows what an
 * edit would do. Edits act in the order in which they were made.
 * Spread follows the mean: the rate keeps its relative spread, counting noise grows with the root, so quantiles never cross.
 */
import { countQuantiles, NORMAL_QUANTILES } from '../forecast/count-quantiles.ts'

/** One interval of the day that edits lie over. */
export interface LayerInterval {
  readonly startMs: number
  /** Wall clock, `HH:MM`. */
  readonly label: string
  readonly open: boolean
}

/** Columns of one day, one entry per interval. */
export interface LayerColumns {
  /** First instant not known to the forecast. */
  readonly originMs: number
  readonly contactsMean: readonly number[]
  readonly contactsP2_5: readonly number[]
  readonly contactsP10: readonly number[]
  readonly contactsP90: readonly number[]
  readonly contactsP97_5: readonly number[]
  readonly rateCv: readonly number[]
  readonly ahtSeconds: readonly number[]
  /** Empty when the history has no handling times. */
  readonly ahtSecondsSd: readonly number[]
  readonly dayMean: number
  readonly dayP10: number
  readonly dayP90: number
}

export interface LayerEdit {
  readonly measure: 'contacts' | 'aht'
  readonly operation: 'set' | 'add' | 'percent' | 'min' | 'max' | 'smooth' | 'cells'
  /** Wall-clock minutes of the day, [from, to). */
  readonly fromMinute: number
  readonly toMinute: number
  /** Null for cells. */
  readonly amount: number | null
  readonly spread: 'each' | 'shape'
  /** The queue's interval when the edit was made. */
  readonly intervalMinutes: number
  readonly cells: readonly { readonly startMs: number; readonly value: number }[]
}

/** The model's forecast with the edits over it; the flags say where an edit acts. */
export type Layered<M extends LayerColumns> = M & {
  readonly editedContacts: readonly boolean[]
  readonly editedAht: readonly boolean[]
  /** What the model says by itself. */
  readonly model: M
}

/** A rate that the model never met: what day and interval factors of a queue commonly are. */
const RATE_CV_UNKNOWN = 0.3

/** Lays edits over what the model says of one day; which of them act on that day is the caller's to know. */
export function layEdits<M extends LayerColumns>(
  model: M,
  grid: readonly LayerInterval[],
  active: readonly LayerEdit[],
): Layered<M> {
  const contacts = editColumn(model, grid, active, 'contacts')
  const aht = editColumn(model, grid, active, 'aht')
  const { values } = contacts
  const rateCv = model.rateCv.map((cv, index) =>
    (model.contactsMean[index] ?? 0) > 0 || (values[index] ?? 0) === 0 ? cv : usualRateCv(model),
  )
  const quantiles = values.map((mean, index) =>
    contacts.edited[index] === true
      ? quantilesAt(model, index, mean, rateCv[index] ?? 0)
      : quantilesOf(model, index),
  )
  return {
    ...model,
    contactsMean: values,
    contactsP2_5: quantiles.map(([low]) => low),
    contactsP10: quantiles.map(([, low]) => low),
    contactsP90: quantiles.map(([, , high]) => high),
    contactsP97_5: quantiles.map(([, , , high]) => high),
    rateCv,
    ahtSeconds: aht.values,
    ahtSecondsSd: model.ahtSecondsSd.map(
      (sd, index) => sd * ratioOf(aht.values[index] ?? 0, model.ahtSeconds[index] ?? 0),
    ),
    ...editedTotals(model, grid, values),
    editedContacts: contacts.edited,
    editedAht: aht.edited,
    model,
  }
}

function ratioOf(value: number, base: number): number {
  return base > 0 ? value / base : 1
}

type Quantiles = readonly [number, number, number, number]

function quantilesOf(day: LayerColumns, index: number): Quantiles {
  return [
    day.contactsP2_5[index] ?? 0,
    day.contactsP10[index] ?? 0,
    day.contactsP90[index] ?? 0,
    day.contactsP97_5[index] ?? 0,
  ]
}

/** The calibrated deviations of the model, stretched as the spread of a count with that rate grows from the old mean to the new. */
function quantilesAt(model: LayerColumns, index: number, mean: number, rateCv: number): Quantiles {
  const old = model.contactsMean[index] ?? 0
  if (mean <= 0) return [0, 0, 0, 0]
  const law = { noise: 1, rate: rateCv * rateCv, quantiles: NORMAL_QUANTILES }
  const out = new Float64Array(4)
  if (old <= 0) {
    countQuantiles(mean, law, out, 0)
  } else {
    const stretch = Math.sqrt((mean + law.rate * mean * mean) / (old + law.rate * old * old))
    quantilesOf(model, index).forEach((quantile, at) => {
      out[at] = Math.max(0, mean + (quantile - old) * stretch)
    })
  }
  return [out[0] ?? 0, out[1] ?? 0, out[2] ?? 0, out[3] ?? 0]
}

/** Spread of the day's rate, weighted by contacts: what an interval without any of its own is given. */
function usualRateCv(model: LayerColumns): number {
  let sum = 0
  let contacts = 0
  model.rateCv.forEach((cv, index) => {
    const mean = model.contactsMean[index] ?? 0
    sum += cv * mean
    contacts += mean
  })
  return contacts > 0 ? sum / contacts : RATE_CV_UNKNOWN
}

/** Only what is still forecast moves the day's total; its band moves in proportion, for the rate is most of it. */
function editedTotals(model: LayerColumns, grid: readonly LayerInterval[], values: readonly number[]) {
  let before = 0
  let after = 0
  grid.forEach(({ startMs }, index) => {
    if (startMs < model.originMs) return
    before += model.contactsMean[index] ?? 0
    after += values[index] ?? 0
  })
  const dayMean = Math.max(0, model.dayMean + after - before)
  if (after === before) return { dayMean: model.dayMean, dayP10: model.dayP10, dayP90: model.dayP90 }
  if (before > 0) {
    const ratio = after / before
    return {
      dayMean,
      dayP10: Math.max(0, dayMean + (model.dayP10 - model.dayMean) * ratio),
      dayP90: Math.max(0, dayMean + (model.dayP90 - model.dayMean) * ratio),
    }
  }
  const out = new Float64Array(4)
  const law = { noise: 1, rate: RATE_CV_UNKNOWN * RATE_CV_UNKNOWN, quantiles: NORMAL_QUANTILES }
  countQuantiles(after, law, out, 0)
  const known = dayMean - after
  return { dayMean, dayP10: known + (out[1] ?? 0), dayP90: known + (out[2] ?? 0) }
}

interface EditedColumn {
  readonly values: readonly number[]
  readonly edited: readonly boolean[]
}

function editColumn(
  model: LayerColumns,
  grid: readonly LayerInterval[],
  edits: readonly LayerEdit[],
  measure: LayerEdit['measure'],
): EditedColumn {
  const base = measure === 'contacts' ? model.contactsMean : model.ahtSeconds
  const values = [...base]
  const edited = values.map(() => false)
  for (const edit of edits) {
    if (edit.measure !== measure) continue
    const touched = edit.operation === 'cells' ? cellChanges(edit, grid) : rangeChanges(edit, grid, values)
    for (const [index, value] of touched) {
      values[index] = Math.max(0, value)
      edited[index] = true
    }
  }
  return { values, edited }
}

type Changes = ReadonlyMap<number, number>

/** Cells of another interval length are divided, or added up when all their parts are there. */
function cellChanges(edit: LayerEdit, grid: readonly LayerInterval[]): Changes {
  const values = new Map(edit.cells.map(({ startMs, value }) => [startMs, value]))
  const changes = new Map<number, number>()
  const minutes = gridMinutes(grid)
  const share = edit.measure === 'contacts' ? minutes / edit.intervalMinutes : 1
  const cellMs = edit.intervalMinutes * 60_000
  grid.forEach(({ startMs, open }, index) => {
    if (!open) return
    if (minutes <= edit.intervalMinutes) {
      // The grid of a site starts at midnight, and every interval divides the hour.
      const value = values.get(Math.floor(startMs / cellMs) * cellMs)
      if (value !== undefined) changes.set(index, value * share)
      return
    }
    const parts = Array.from({ length: minutes / edit.intervalMinutes }, (_, part) =>
      values.get(startMs + part * cellMs),
    )
    if (parts.some((part) => part === undefined)) return
    const sum = parts.reduce<number>((total, part) => total + (part ?? 0), 0)
    changes.set(index, edit.measure === 'contacts' ? sum : sum / parts.length)
  })
  return changes
}

function gridMinutes(grid: readonly LayerInterval[]): number {
  const [first, second] = grid
  return first === undefined || second === undefined ? 1440 : (second.startMs - first.startMs) / 60_000
}

function rangeChanges(edit: LayerEdit, grid: readonly LayerInterval[], values: readonly number[]): Changes {
  const indices = grid.flatMap(({ label, open }, index) => {
    const minute = Number(label.slice(0, 2)) * 60 + Number(label.slice(3, 5))
    return open && minute >= edit.fromMinute && minute < edit.toMinute ? [index] : []
  })
  const amount = edit.amount ?? 0
  const now = indices.map((index) => values[index] ?? 0)
  const changed =
    edit.operation === 'smooth'
      ? smoothed(now, amount)
      : edit.spread === 'shape'
        ? spreadByShape(now, edit.operation === 'set' ? amount : sumOf(now) + amount)
        : now.map((value) => changedOne(edit.operation, value, amount * unitOf(edit, grid)))
  return new Map(indices.map((index, at) => [index, changed[at] ?? 0]))
}

/** Amounts per interval that were given for another interval length; ratios and handling times mean the same on any. */
function unitOf(edit: LayerEdit, grid: readonly LayerInterval[]): number {
  return edit.measure === 'contacts' && edit.operation !== 'percent'
    ? gridMinutes(grid) / edit.intervalMinutes
    : 1
}

function changedOne(operation: LayerEdit['operation'], value: number, amount: number): number {
  switch (operation) {
    case 'set':
      return amount
    case 'add':
      return value + amount
    case 'percent':
      return value * (1 + amount / 100)
    case 'min':
      return Math.max(value, amount)
    case 'max':
      return Math.min(value, amount)
    case 'smooth':
    case 'cells':
      return value
  }
}

/** Evenly where there is no shape yet. */
function spreadByShape(now: readonly number[], total: number): readonly number[] {
  const sum = sumOf(now)
  const wanted = Math.max(0, total)
  return now.map((value) => (sum > 0 ? (value / sum) * wanted : wanted / now.length))
}

/** Centred moving mean, shorter at the ends; the total stays what it was. */
function smoothed(now: readonly number[], width: number): readonly number[] {
  const half = Math.floor(width / 2)
  const means = now.map((_, index) => {
    const reach = Math.min(half, index, now.length - 1 - index)
    const part = now.slice(index - reach, index + reach + 1)
    return sumOf(part) / part.length
  })
  const sum = sumOf(means)
  return sum > 0 ? means.map((mean) => (mean * sumOf(now)) / sum) : means
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
