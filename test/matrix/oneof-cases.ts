const mostFields = 1_000
const wireTypes = { varint: 0, bytes: 2 } as const

/** One case of a oneof, with a value that has nothing set. */
export interface OneofCase {
  readonly name: string
  readonly blank: unknown
}

/** The cases of a oneof in the order of their numbers, as the generated decoder of its message knows them. */
export function casesOf(decode: (bytes: Uint8Array) => unknown, oneof: string): OneofCase[] {
  const numbers = Array.from({ length: mostFields }, (_, i) => i + 1)
  return numbers.flatMap((number) => {
    for (const wireType of Object.values(wireTypes)) {
      const message = decode(emptyField(number, wireType)) as Record<string, unknown>
      const found = message[oneof] as { $case: string; value: unknown } | undefined
      if (found) return [{ name: found.$case, blank: found.value }]
    }
    return []
  })
}

/** A field that is there and empty: a tag of one to three bytes, then a length or number of zero. */
function emptyField(number: number, wireType: number): Buffer {
  const bytes: number[] = []
  let tag = number * 8 + wireType
  for (; tag > 127; tag >>= 7) bytes.push((tag & 127) | 128)
  return Buffer.from([...bytes, tag, 0])
}
