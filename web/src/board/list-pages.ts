/** A list that is longer than its tile: in how many pages it is read. Pure. */

export interface ListBox {
  readonly scrollHeight: number
  readonly clientHeight: number
  readonly scrollTop: number
  /** Of the heading and the sum, which stay in sight. */
  readonly fixedHeight: number
  readonly rowHeight: number
}

export interface ListPages {
  readonly count: number
  /** From 1. */
  readonly page: number
  /** Where the page after this one begins; the first one after the last. */
  readonly nextTop: number
}

/** Pixels by which whole numbers of a layout may differ without anything being hidden. */
const ROUNDING_PX = 3

/** Whole rows a page: half a row at the edge is read with the next page. */
export function listPages(box: ListBox): ListPages {
  const visible = box.clientHeight - box.fixedHeight
  const hidden = box.scrollHeight - box.clientHeight
  if (hidden <= ROUNDING_PX || visible <= 0) return { count: 1, page: 1, nextTop: 0 }
  const rows = Math.max(1, Math.floor((visible + ROUNDING_PX) / Math.max(1, box.rowHeight)))
  const step = Math.min(rows * Math.max(1, box.rowHeight), Math.max(1, visible))
  const count = 1 + Math.ceil((hidden - ROUNDING_PX) / step)
  const atEnd = box.scrollTop >= hidden - ROUNDING_PX
  const page = atEnd ? count : Math.min(count, 1 + Math.round(box.scrollTop / step))
  return { count, page, nextTop: atEnd ? 0 : Math.min(hidden, page * step) }
}
