/** The live bench in lines for people: each figure, its baseline, what the two make. */
import type { LiveBenchResult } from '../live.ts'
import type { DayFigures } from './day-bench.ts'
import type { LatencyFigures } from './latency-bench.ts'

const LABEL_WIDTH = 46

export function reportOf(result: LiveBenchResult): string {
  const { fold, broadcast } = result
  return [
    result.machine,
    '',
    `fold alone (${count(fold.events)} events, checksum ${fold.checksum})`,
    line('fold', `${count(fold.foldEventsPerSecond)} events/s, ${fold.foldCpuSeconds} s of CPU`),
    line('  bare grouping by contact', `${count(fold.baselineGroupingEventsPerSecond)} events/s`),
    line('  state', `${fold.stateMegabytes} MB`),
    ...result.days.flatMap(dayLines),
    ...result.latencies.flatMap(latencyLines),
    '',
    `one update of ${broadcast.bytes} bytes to ${count(broadcast.viewers)} viewers (median of ${broadcast.rounds})`,
    line('hub: until the last viewer has it', milliseconds(broadcast.hubMs)),
    line('  bare ws broadcast of the same bytes', milliseconds(broadcast.bareMs)),
    line('  hub ÷ bare', broadcast.ratio.toFixed(2)),
    ...result.skipped.map((reason) => `skipped ${reason}`),
    '',
  ].join('\n')
}

function dayLines(day: DayFigures): readonly string[] {
  const agree = new Set(day.checksums).size === 1
  return [
    '',
    `${day.kind}: a day of ${count(day.events)} events over HTTP (checksum ${day.checksums.join(', ')}${agree ? '' : ': they differ'})`,
    line('ingest, 1000 events a request', `${count(day.largeBatchesPerSecond)} events/s`),
    line('ingest, 100 events a request', `${count(day.smallBatchesPerSecond)} events/s`),
    line('  bare INSERT … SELECT FROM unnest', `${count(day.bareInsertPerSecond)} rows/s`),
    line('  ingest ÷ bare', day.ratioOfBare.toFixed(2)),
    line('  CPU of the server meanwhile', `${day.serverCpuSeconds.toFixed(1)} s`),
    line('  memory of the server after it', memory(day, day.residentMegabytes)),
    ...(day.openedFolderMegabytes === null
      ? []
      : [line('  memory of a bare one, folder only opened', `${Math.round(day.openedFolderMegabytes)} MB`)]),
    line('day report, live', milliseconds(day.liveReportMs)),
    line('day report, folded from the ledger (median)', milliseconds(day.ledgerReportMs)),
    line('  CPU of the server for it', `${day.ledgerReportCpuSeconds.toFixed(1)} s`),
    line('  the first one, while the server starts', milliseconds(day.firstLedgerReportMs)),
    line('restart until its report is right', milliseconds(day.restartMs)),
    line('  memory of the restarted server', memory(day, day.restartedMegabytes)),
  ]
}

/** Beside the bare process of the same run, where there is one. */
function memory({ openedFolderMegabytes: bare }: DayFigures, megabytes: number): string {
  const own = `${Math.round(megabytes)} MB`
  return bare === null ? own : `${own} (+${Math.round(megabytes - bare)} MB)`
}

function latencyLines(figures: LatencyFigures): readonly string[] {
  return [
    '',
    `${figures.kind}: ${count(figures.eventsPerSecond)} events/s, ${count(figures.viewers)} viewers, ${count(figures.accepted)} of ${count(figures.sent)} stored, board ${count(figures.offeredOnBoard)} of ${count(figures.offeredSent)} contacts`,
    line('event → board, p50 and p99', pair(figures.latencyMsP50, figures.latencyMsP99)),
    line('  HTTP answer alone, p50 and p99', pair(figures.replyMsP50, figures.replyMsP99)),
    line('  board complete after the last answer', milliseconds(figures.settledMs)),
    line('event-loop delay p99.9 and max', pair(figures.loopDelayMsP999, figures.loopDelayMsMax)),
    line('  p99.9 of the same server without events', milliseconds(figures.idleLoopDelayMsP999)),
    line('  CPU of the server', `${(figures.serverCpuRatio * 100).toFixed(0)} % of a core`),
  ]
}

function line(label: string, value: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${value.padStart(22)}`
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`
}

function pair(first: number, second: number): string {
  return `${milliseconds(first)}, ${milliseconds(second)}`
}
