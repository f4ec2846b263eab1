// Tiles: lists that are longer than their tile, and which agents a figure counts.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AgentState } from '../../../server/domain/event.ts'
import type { BoardAgentRow } from '../../../server/wire/board.ts'
import { agentLines, countedBy } from '../../../web/src/board/agent-lines.ts'
import { listPages } from '../../../web/src/board/list-pages.ts'

describe('a list longer than its tile', () => {
  const box = fc.record({
    rows: fc.integer({ min: 1, max: 300 }),
    rowHeight: fc.integer({ min: 8, max: 90 }),
    fixedHeight: fc.integer({ min: 0, max: 60 }),
    clientHeight: fc.integer({ min: 20, max: 900 }),
  })

  test('shows every row within one turn of its pages, and then begins again', () => {
    fc.assert(
      fc.property(box, ({ rows, rowHeight, fixedHeight, clientHeight }) => {
        const scrollHeight = Math.max(clientHeight, rows * rowHeight + fixedHeight)
        const most = scrollHeight - clientHeight
        const visible = clientHeight - fixedHeight
        fc.pre(visible > rowHeight)
        const pages = (scrollTop: number) =>
          listPages({ scrollHeight, clientHeight, fixedHeight, rowHeight, scrollTop })
        const { count } = pages(0)
        let shownUntil = visible
        let top = 0
        for (let page = 1; page <= count; page += 1) {
          expect(pages(top).count).toBe(count)
          // No row is skipped between two pages.
          expect(top).toBeLessThanOrEqual(shownUntil)
          shownUntil = top + visible
          expect(pages(top).page).toBeLessThanOrEqual(count)
          top = Math.min(most, pages(top).nextTop)
          if (top === 0) break
        }
        expect(top).toBe(0)
        expect(shownUntil).toBeGreaterThanOrEqual(rows * rowHeight - 3)
      }),
    )
  })

  test('that fits is one page', () => {
    expect(
      listPages({ scrollHeight: 302, clientHeight: 300, fixedHeight: 40, rowHeight: 30, scrollTop: 0 }),
    ).toEqual({ count: 1, page: 1, nextTop: 0 })
  })
})

describe('agents one by one', () => {
  const agent = (key: string, state: AgentState, sinceMs: number | null = 0): BoardAgentRow => ({
    key,
    name: null,
    teamId: null,
    teamName: null,
    state,
    reason: null,
    sinceMs,
    queueId: null,
    memberQueueIds: [],
    contactsToday: 0,
  })
  const agents = [
    agent('a', 'ready', 5),
    agent('b', 'on-contact', 9),
    agent('c', 'not-ready', null),
    agent('d', 'reserved', 1),
    agent('e', 'after-contact-work', 2),
    agent('f', 'not-ready', 3),
  ]
  const keys = (list: readonly BoardAgentRow[]) => list.map(({ key }) => key).join('')

  test('stand with those away first, the longest first, and keep the number that hides a name', () => {
    const lines = agentLines(agents)
    expect(keys(lines.map(({ agent: one }) => one))).toBe('fcebda')
    expect(lines.map(({ number }) => number)).toEqual([6, 3, 5, 2, 4, 1])
  })

  test('are those that the figure counts', () => {
    expect(keys(countedBy('free', agents))).toBe('a')
    expect(keys(countedBy('staffed', agents))).toBe('abde')
    expect(keys(countedBy('occupancy', agents))).toBe('abe')
    expect(keys(countedBy('heads-missing', agents))).toBe('abcdef')
  })
})
