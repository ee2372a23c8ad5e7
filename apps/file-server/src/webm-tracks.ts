const ids = { segment: 0x18538067, tracks: 0x1654ae6b, track: 0xae, trackType: 0x83 } as const
// What these hold is looked through; what any other holds is passed over.
const entered: ReadonlySet<number> = new Set([ids.segment, ids.track])
const audioTrack = 2

/** Is a WebM or Matroska file a recording of sound alone, by the tracks that its first bytes announce? */
export function hasOnlySound(bytes: Uint8Array): boolean {
  const tracks = tracksIn(bytes)
  const types = tracks ? typesIn(tracks) : []
  return types.length > 0 && types.every((type) => type === audioTrack)
}

// All of them, or none: one that is not seen may be a film.
function tracksIn(bytes: Uint8Array): Uint8Array | undefined {
  for (const { id, content, isWhole } of elementsIn(bytes)) {
    if (id === ids.tracks) return isWhole ? content : undefined
  }
  return undefined
}

function typesIn(tracks: Uint8Array): number[] {
  const found = [...elementsIn(tracks)]
  const types = found.filter(({ id }) => id === ids.trackType)
  // A track of no type is no sound.
  const isWhole = found.filter(({ id }) => id === ids.track).length === types.length
  return isWhole ? types.map(({ content }) => content.at(-1) ?? 0) : []
}

interface Element {
  readonly id: number
  readonly content: Uint8Array
  readonly isWhole: boolean
}

// In their order, the ones inside entered ones after these; until the bytes end, or are no EBML (RFC 8794).
function* elementsIn(bytes: Uint8Array): Generator<Element> {
  let at = 0
  while (at < bytes.length) {
    const id = numberAt(bytes, at, 4)
    const size = id && numberAt(bytes, id.end, 8)
    if (!size) return
    // Of a recording that is still written the size is not known: all ones.
    const end = size.isUnknown ? bytes.length : size.end + size.value
    const content = bytes.subarray(size.end, end)
    yield { id: id.marked, content, isWhole: !size.isUnknown && end <= bytes.length }
    if (!entered.has(id.marked) && size.isUnknown) return
    at = entered.has(id.marked) ? size.end : end
  }
}

// A number that says by its leading zeros how many bytes it has; ids are told with that mark, sizes without.
function numberAt(bytes: Uint8Array, at: number, maxBytes: number) {
  const first = bytes[at] ?? 0
  const length = Math.clz32(first) - 23
  if (first === 0 || length > maxBytes || at + length > bytes.length) return undefined
  let marked = first
  let value = first - (0x80 >> (length - 1))
  let ones = value === (0x80 >> (length - 1)) - 1
  for (const byte of bytes.subarray(at + 1, at + length)) {
    marked = marked * 256 + byte
    value = value * 256 + byte
    ones &&= byte === 255
  }
  return { marked, value, isUnknown: ones, end: at + length }
}
