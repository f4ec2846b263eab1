/** A board of eight queues of which each revision changes one row: an update of about a kilobyte, as a call makes it. */
import type { Board, BoardLevel, BoardQueueRow } from '../../../wire/board.ts'

const QUEUES = 8

export function sampleBoard(revision: number): Board {
  return {
    site: {
      name: 'Bench',
      zone: 'UTC',
      day: '2024-06-12',
      agentsStaffed: 400,
      agentsPlanned: 410,
      agentsOnContact: 300,
      agentsReserved: 10,
      agentsAvailable: 50,
      agentsAfterContactWork: 40,
      agentsNotReady: 60,
      targetRatio: 0.8,
      intervals: [],
    },
    queues: Array.from({ length: QUEUES }, (_, queue) => row(queue, Math.floor((revision + queue) / QUEUES))),
    sources: [
      { source: 'bench', connected: true, newestEventMs: 1_718_193_600_000, rejected: 0, staleSinceMs: null },
    ],
  }
}

function row(queue: number, calls: number): BoardQueueRow {
  const level: BoardLevel = {
    ratio: (800 + calls) / (1000 + calls),
    numerator: 800 + calls,
    denominator: 1000 + calls,
    state: 'kept',
  }
  return {
    queueId: `queue-${queue}`,
    name: `Queue ${queue}`,
    clientId: 'client',
    clientName: 'Client',
    open: true,
    promise: {
      targetRatio: 0.8,
      answerThresholdSeconds: 20,
      formula: 'SL4',
      shortAbandonSeconds: 5,
      view: 'arrival',
    },
    staleSinceMs: null,
    interval: level,
    intervalStartMs: 1_718_193_600_000,
    halfHour: level,
    today: level,
    intervalCounts: [10, 8, 2, 1, 1, 0, 0],
    halfHourCounts: [90, 80, 10, 4, 2, 0, 0],
    todayCounts: [900, 800, 90, 20, 9, 5, 0],
    offeredToday: 1000 + calls,
    answeredToday: 900 + calls,
    abandonedToday: 90,
    flowedOutToday: 5,
    lostToday: 0,
    answeredWithinThresholdToday: 800 + calls,
    abandonedWithinThresholdToday: 20,
    asaSecondsToday: 14.25,
    ahtSecondsToday: 312.5,
    handledToday: 900,
    waiting: 5,
    waitingPastThreshold: 1,
    longestWaitingSinceMs: 1_718_193_600_000,
    agentsAvailable: 6,
    agentsOnContact: 40,
    agentsReserved: 1,
    agentsAfterContactWork: 5,
    agentsNotReady: 7,
    staffed: 52,
    required: 54,
    planned: 53,
    scheduled: null,
    forecastContactsToday: 1905.5,
    forecastContactsSoFar: null,
    missesLeft: 11,
    dayLost: false,
    projectedRatio: 0.81,
    projectedKeepProbability: 0.72,
  }
}
