/** The day report as a PDF that one would hand to a client: the percentage first, then the counts behind it, then detail. */
import { DEFAULT_SERVICE_LEVEL_FORMULA } from '../domain/service-level.ts'
import type { ClientDayFigures, DayReport, QueueDayReport } from '../state/figures.ts'
import { isolated } from './bidi.ts'
import { writeCounts, writeHead, writeLevel } from './report-answer.ts'
import {
  writeByQueue,
  writeHistory,
  writeLens,
  writeNotes,
  writeRemarks,
  writeWaits,
  writeWeakest,
} from './report-detail.ts'
import { INK, PAGE } from './report-sheet.ts'
import { knownFormula, type ReportPdfOptions, type ReportSubject, ReportWriter } from './report-writer.ts'

/** A page or more for each client and promise, then one for each queue that belongs to none. Always at least one page. */
export function dayReportPdf(report: DayReport, options: ReportPdfOptions): Promise<Buffer> {
  const writer = new ReportWriter(report, options)
  const ofClients = new Set(report.clients.flatMap((client) => client.queues))
  const subjects = [
    ...report.clients.map((client) => clientSubject(writer, client)),
    ...report.queues
      .filter((queue) => !ofClients.has(queue.queue))
      .map((queue) => queueSubject(writer, queue)),
  ]
  subjects.forEach((subject, index) => {
    if (index > 0) writer.sheet.newPage()
    writeSubject(writer, subject)
  })
  if (subjects.length === 0) writer.sheet.text(writer.say('none'), PAGE.left, PAGE.top, { size: 12 })
  return finish(writer)
}

function writeSubject(writer: ReportWriter, subject: ReportSubject): void {
  const { sheet } = writer
  writeHead(writer, subject.title)
  sheet.rule(PAGE.left, sheet.y, PAGE.width, INK, 1.5)
  sheet.y += 18
  const top = sheet.y
  const levelEndsAt = writeLevel(writer, subject, top)
  const countsEndAt = writeCounts(writer, subject, top)
  sheet.y = Math.max(levelEndsAt, countsEndAt) + 14
  writeRemarks(writer, subject)
  writeWaits(writer, subject)
  writeHistory(writer, subject)
  writeWeakest(writer, subject)
  writeNotes(writer, subject)
  if (subject.queues.length > 1) writeByQueue(writer, subject)
  writeLens(writer, subject)
}

function finish(writer: ReportWriter): Promise<Buffer> {
  const { close } = writer.options
  const hash =
    close === null
      ? writer.say('noHash')
      : writer.say('hash', { hash: `${close.hash.slice(0, 4)}…${close.hash.slice(-4)}` })
  const count = writer.report.queues.reduce((sum, queue) => sum + queue.offered, 0)
  return writer.sheet.finish((page, pages) => ({
    left: writer.say('verify', { day: writer.report.date, count: writer.number(count), hash }),
    right: writer.say('page', { page, pages }),
  }))
}

function clientSubject(writer: ReportWriter, client: ClientDayFigures): ReportSubject {
  const queues = writer.report.queues.filter((queue) => client.queues.includes(queue.queue))
  const [first] = queues
  const sharesShort = queues.every((queue) => queue.shortAbandonSeconds === first?.shortAbandonSeconds)
  return {
    title: writer.say('title', { client: isolated(client.name) }),
    figures: client,
    ratio: client.serviceLevelRatio,
    formula: knownFormula(client.formula, DEFAULT_SERVICE_LEVEL_FORMULA),
    targetRatio: client.target,
    thresholdSeconds: client.answerThresholdSeconds,
    shortAbandonSeconds: first !== undefined && sharesShort ? first.shortAbandonSeconds : null,
    intervalsMetRatio: client.intervalsMetRatio,
    queues,
    client,
  }
}

function queueSubject(writer: ReportWriter, queue: QueueDayReport): ReportSubject {
  return {
    title: writer.say('queueTitle', { queue: isolated(queue.name) }),
    figures: queue,
    ratio: queue.serviceLevelRatio,
    formula: knownFormula(queue.formula, DEFAULT_SERVICE_LEVEL_FORMULA),
    targetRatio: queue.target,
    thresholdSeconds: queue.answerThresholdSeconds,
    shortAbandonSeconds: queue.shortAbandonSeconds,
    intervalsMetRatio: queue.intervalsMetRatio,
    queues: [queue],
    client: null,
  }
}
