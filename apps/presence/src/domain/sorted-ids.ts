// Long enough to be few, short enough that an insertion moves little.
const maxChunkIds = 512

/** A set of ids that can be read in order from any point, kept in short sorted runs. */
export class SortedIds {
  readonly #chunks: string[][] = []

  /** Adds an id; adding it again changes nothing. */
  add(id: string): void {
    const at = this.#chunkFor(id)
    const chunk = this.#chunks[at]
    if (!chunk) {
      this.#chunks.push([id])
      return
    }
    const index = lowerBound(chunk, id)
    if (chunk[index] === id) return
    chunk.splice(index, 0, id)
    if (chunk.length > maxChunkIds) {
      this.#chunks.splice(at + 1, 0, chunk.splice(maxChunkIds / 2))
    }
  }

  /** Removes an id if it is there. */
  delete(id: string): void {
    const at = this.#chunkFor(id)
    const chunk = this.#chunks[at]
    if (!chunk) return
    const index = lowerBound(chunk, id)
    if (chunk[index] !== id) return
    chunk.splice(index, 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
  }

  /** Up to `limit` ids in order, those greater than `after` only; the empty text is before all. */
  after(after: string, limit: number): string[] {
    const found: string[] = []
    for (let at = this.#chunkFor(after); found.length < limit; at += 1) {
      const chunk = this.#chunks[at]
      if (!chunk) break
      const start = lowerBound(chunk, after)
      const from = chunk[start] === after ? start + 1 : start
      found.push(...chunk.slice(from, from + limit - found.length))
    }
    return found
  }

  // The last chunk that begins at or before the id: where it is, or belongs.
  #chunkFor(id: string): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#chunks[middle]?.[0] ?? '') <= id) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

/** The index of the first id that is not less than this one. */
function lowerBound(ids: readonly string[], id: string): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ids[middle] ?? '') < id) low = middle + 1
    else high = middle
  }
  return low
}
