/** A heap of the instants at which agents are free; the earliest is on top. Its size is the caller's to keep. */

export function push(heap: Float64Array, size: number, value: number): number {
  let index = size
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent] ?? 0
    if (above <= value) break
    heap[index] = above
    index = parent
  }
  heap[index] = value
  return size + 1
}

export function pop(heap: Float64Array, size: number): number {
  const last = heap[size - 1] ?? 0
  replaceTop(heap, size - 1, last)
  return size - 1
}

export function replaceTop(heap: Float64Array, size: number, value: number): void {
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= size) break
    const right = child + 1
    if (right < size && (heap[right] ?? 0) < (heap[child] ?? 0)) child = right
    const least = heap[child] ?? 0
    if (least >= value) break
    heap[index] = least
    index = child
  }
  heap[index] = value
}
