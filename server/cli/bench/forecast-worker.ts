/** One thread of the forecasting bench: makes its share of the queues, keeps their histories, forecasts all of them. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { dateOf } from '../../engine/forecast/calendar.ts'
import { forecastSeries, type SeriesHistory } from '../../engine/forecast/index.ts'

export interface QueueShare {
  readonly firstQueue: number
  readonly queues: number
  readonly historyDays: number
  readonly horizonDays: number
  readonly slotMinutes: number
}

export interface QueueShareResult {
  readonly milliseconds: number
  readonly checksum: number
  readonly historyBytes: number
  readonly rssBytes: number
}

const FIRST_DAY = 19_358
/** Relative volume of Monday … Sunday. */
const WEEK = [1.25, 1.05, 1, 1, 1.1, 0.45, 0.2]

/** Counts of one queue: weekday, yearly cycle, a hump over the day, a day factor; the seed is the queue's number. */
export function syntheticHistory(queue: number, days: number, slotMinutes: number): SeriesHistory {
  let state = (queue + 1) * 2_654_435_761
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 4_294_967_296
  }
  const slots = 1440 / slotMinutes
  const counts = new Float64Array(days * slots)
  const volume = 50 * 1.01 ** queue
  for (let day = 0; day < days; day++) {
    const season = 1 + 0.15 * Math.sin((2 * Math.PI * (FIRST_DAY + day)) / 365.25)
    const dayMean = volume * (WEEK[(FIRST_DAY + day + 3) % 7] ?? 1) * season * (0.9 + 0.2 * random())
    for (let slot = 0; slot < slots; slot++) {
      const hour = (slot * slotMinutes) / 60
      const share =
        hour < 7 || hour >= 21 ? 0 : Math.sin(((hour - 6.5) / 15) * Math.PI) / (0.64 * slots * (14 / 24))
      const mean = dayMean * share
      const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
      counts[day * slots + slot] = Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
    }
  }
  return { slotMinutes, firstDay: FIRST_DAY, counts }
}

/** Forecasts a share of the queues and sums the means into a checksum. */
export function forecastShare(share: QueueShare): QueueShareResult {
  const histories = Array.from({ length: share.queues }, (_, i) =>
    syntheticHistory(share.firstQueue + i, share.historyDays, share.slotMinutes),
  )
  const specialDays = [`${dateOf(FIRST_DAY + share.historyDays).slice(0, 4)}-12-25`].map((date) => ({
    day: Math.floor(Date.parse(date) / 86_400_000),
    kind: 'holiday' as const,
    treatAsWeekday: 6,
  }))
  const start = performance.now()
  let checksum = 0
  for (const history of histories) {
    const forecast = forecastSeries({
      history,
      intervalMinutes: share.slotMinutes,
      originDay: FIRST_DAY + share.historyDays,
      days: share.horizonDays,
      specialDays,
    })
    checksum += forecast.dayTotals.mean.reduce((sum, value) => sum + value, 0)
  }
  return {
    milliseconds: performance.now() - start,
    checksum,
    historyBytes: histories.reduce((sum, history) => sum + history.counts.byteLength, 0),
    rssBytes: process.memoryUsage.rss(),
  }
}

/** Only in a thread that the bench started. */
if (!isMainThread && isShare(workerData)) parentPort?.postMessage(forecastShare(workerData))

function isShare(data: unknown): data is QueueShare {
  return typeof data === 'object' && data !== null && 'firstQueue' in data && 'horizonDays' in data
}
