/** Some bytes of a file, the end excluded. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A random `Range` header for a file of this size, and what it asks for. */
export function randomRanges(sizeBytes: number, random: () => number) {
  const place = (below: number) => Math.floor(random() * below)
  const dice = random()
  if (dice < 0.2) {
    const suffix = 1 + place(sizeBytes)
    const expected = [{ start: sizeBytes - suffix, end: sizeBytes }]
    return { header: `bytes=-${suffix}`, expected }
  }
  if (dice < 0.4) {
    const start = place(sizeBytes)
    return { header: `bytes=${start}-`, expected: [{ start, end: sizeBytes }] }
  }
  const count = dice < 0.7 ? 1 : 2 + place(7)
  const expected = spans(sizeBytes, count, place)
  const parts = expected.map(({ start, end }) => `${start}-${end - 1}`)
  return { header: `bytes=${parts.join(',')}`, expected }
}

/** The parts of an answer to a `Range` header, where each begins; throws unless it is a 206. */
export async function rangesOf(answer: Response): Promise<{ start: number; bytes: Buffer }[]> {
  const body = Buffer.from(await answer.arrayBuffer())
  if (answer.status !== 206) throw new Error(`answered ${answer.status}`)
  const type = answer.headers.get('content-type') ?? ''
  const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(type)?.[1]
  if (boundary === undefined) {
    return [{ start: startOf(answer.headers.get('content-range') ?? ''), bytes: body }]
  }
  return partsOf(body, `\r\n--${boundary}`)
}

// In any order, without overlaps.
function spans(sizeBytes: number, count: number, place: (below: number) => number): Span[] {
  const edges = new Set<number>()
  while (edges.size < count * 2) edges.add(place(sizeBytes + 1))
  const sorted = [...edges].toSorted((a, b) => a - b)
  const found = Array.from({ length: count }, (_, i) => {
    return { start: sorted[i * 2] ?? 0, end: sorted[i * 2 + 1] ?? 0 }
  })
  return place(2) === 0 ? found : found.toReversed()
}

function partsOf(body: Buffer, delimiter: string): { start: number; bytes: Buffer }[] {
  const parts: { start: number; bytes: Buffer }[] = []
  for (let at = body.indexOf(delimiter); ;) {
    const headAt = at + delimiter.length
    const bytesAt = body.indexOf('\r\n\r\n', headAt) + 4
    const next = body.indexOf(delimiter, headAt)
    if (next < 0) return parts
    const head = body.subarray(headAt, bytesAt).toString()
    const start = startOf(/^content-range: (.+)$/im.exec(head)?.[1] ?? '')
    parts.push({ start, bytes: body.subarray(bytesAt, next) })
    at = next
  }
}

function startOf(contentRange: string): number {
  return Number(/^bytes (\d+)-\d+\/\d+/.exec(contentRange)?.[1] ?? Number.NaN)
}
