/** What a browser's trace says of a page that is updated: which main-thread task drew which update, and what it spent on what. */

export interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** Microseconds, as everything here. */
  readonly ts: number
  readonly dur?: number
  /** Of the processor: less than `dur` where the thread had to wait for it. */
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

/** The page says with a mark of this name that it was given an update. */
export const UPDATE_MARK = 'vigie-update'
export const TRACE_CATEGORIES = [
  'toplevel',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'blink.user_timing',
  'v8.execute',
  '__metadata',
]

/** What a frame is made of. Names are Chromium's; what is nested within one of them counts once, for the outermost. */
const PARTS = {
  script: [
    'FunctionCall',
    'RunMicrotasks',
    'EvaluateScript',
    'TimerFire',
    'FireAnimationFrame',
    'MajorGC',
    'MinorGC',
  ],
  styleAndLayout: ['UpdateLayoutTree', 'Layout', 'ParseAuthorStyleSheet'],
  paint: ['PrePaint', 'Paint', 'Layerize', 'Commit', 'UpdateLayer', 'CompositeLayers'],
} as const
type Part = keyof typeof PARTS
const PART_OF: ReadonlyMap<string, Part> = new Map(
  (Object.keys(PARTS) as Part[]).flatMap((part) => PARTS[part].map((name) => [name, part] as const)),
)
/** The end of the main thread's work on a frame. */
const DRAWN = 'Commit'

export interface FrameCost {
  /** Of every task of the main thread from the update until its frame is handed over, by the clock. */
  readonly milliseconds: number
  /** The same in time of the processor: a busy machine makes the clock's longer, not this. */
  readonly processorMs: number
  /** In time of the processor. */
  readonly parts: Readonly<Record<Part, number>>
}

export interface PageTrace {
  readonly updates: readonly FrameCost[]
  /** The task that draws, of every frame, whether or not an update came. */
  readonly frameMs: readonly number[]
  readonly frameProcessorMs: readonly number[]
  /** Painting of tiles into bitmaps, on threads of its own: without a graphics card all of it is done by the processor. */
  readonly rasterMs: number
}

interface Span {
  readonly name: string
  readonly startUs: number
  readonly endUs: number
  readonly processorUs: number
}

export function readTrace(events: readonly TraceEvent[]): PageTrace {
  const marks = events.filter(({ name }) => name === UPDATE_MARK)
  const [mark] = marks
  if (mark === undefined) throw new Error('the trace holds no update')
  const main = events.filter(({ pid, tid }) => pid === mark.pid && tid === mark.tid)
  const spans = main
    .filter((event) => event.ph === 'X' && event.dur !== undefined)
    .map((event) => ({
      name: event.name,
      startUs: event.ts,
      endUs: event.ts + (event.dur ?? 0),
      processorUs: event.tdur ?? event.dur ?? 0,
    }))
    .sort((a, b) => a.startUs - b.startUs || b.endUs - a.endUs)
  const tasks = tasksOf(spans)
  const drawn = tasks.filter(({ inner }) => inner.some(({ name }) => name === DRAWN))
  return {
    updates: marks
      .map(({ ts }) => costOf(ts, tasks, drawn))
      .filter((cost): cost is FrameCost => cost !== null),
    frameMs: drawn.map(({ task }) => (task.endUs - task.startUs) / 1000),
    frameProcessorMs: drawn.map(({ task }) => task.processorUs / 1000),
    rasterMs: sumOf(events.filter(({ name, pid }) => name === 'RasterTask' && pid === mark.pid)),
  }
}

interface Task {
  readonly task: Span
  readonly inner: readonly Span[]
}

/** Outermost spans of the thread, each with what lies in it. */
function tasksOf(spans: readonly Span[]): readonly Task[] {
  const tasks: { task: Span; inner: Span[] }[] = []
  for (const span of spans) {
    const last = tasks.at(-1)
    if (last !== undefined && span.startUs < last.task.endUs) last.inner.push(span)
    else tasks.push({ task: span, inner: [] })
  }
  return tasks
}

/** Null where the trace ends before the frame of the update. */
function costOf(markUs: number, tasks: readonly Task[], drawn: readonly Task[]): FrameCost | null {
  const last = drawn.find(({ task }) => task.endUs > markUs && task.startUs >= markUs)
  if (last === undefined) return null
  const own = tasks.filter(({ task }) => task.endUs > markUs && task.endUs <= last.task.endUs)
  const parts = { script: 0, styleAndLayout: 0, paint: 0 }
  for (const { task, inner } of own) {
    let coveredUs = 0
    for (const span of [task, ...inner]) {
      const part = PART_OF.get(span.name)
      if (part === undefined || span.startUs < coveredUs) continue
      parts[part] += span.processorUs / 1000
      coveredUs = span.endUs
    }
  }
  const milliseconds = own.reduce((sum, { task }) => sum + (task.endUs - task.startUs) / 1000, 0)
  const processorMs = own.reduce((sum, { task }) => sum + task.processorUs / 1000, 0)
  return { milliseconds, processorMs, parts }
}

function sumOf(events: readonly TraceEvent[]): number {
  return events.reduce((sum, { dur = 0, tdur = dur }) => sum + tdur / 1000, 0)
}
