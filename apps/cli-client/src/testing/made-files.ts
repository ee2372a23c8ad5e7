/** A PNG file of one pixel. */
export const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
)

const rateHz = 8_000

/** A WAV file of silence that plays so long. */
export function sound(durationMs: number): Buffer {
  const dataBytes = Math.round((durationMs * rateHz) / 1000)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + dataBytes, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rateHz, 24)
  head.writeUInt32LE(rateHz, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(dataBytes, 40)
  return Buffer.concat([head, Buffer.alloc(dataBytes, 128)])
}

/** An MP4 file of one track of pictures, with no picture in it, that says it plays so long. */
export function film(durationMs: number): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32BE(1_000, 12)
  header.writeUInt32BE(durationMs, 16)
  const kind = Buffer.concat([Buffer.from('isom'), Buffer.alloc(4), Buffer.from('isom')])
  const handler = Buffer.alloc(25)
  handler.write('vide', 8, 'latin1')
  const track = Buffer.alloc(84)
  track.writeUInt32BE(1, 12)
  const media = box('mdia', Buffer.concat([box('mdhd', header), box('hdlr', handler)]))
  const movie = box('moov', box('trak', Buffer.concat([box('tkhd', track), media])))
  return Buffer.concat([box('ftyp', kind), movie])
}

/** How a browser records: in clusters of a second, whose sizes and whose whole length it does not know. */
export function browserRecording(
  durationMs: number,
  track: 'sound' | 'pictures' = 'sound',
  timestampBytes = 4,
): Buffer {
  const entry = [element('d7', byte(1)), element('83', byte(track === 'sound' ? 2 : 1))]
  const parts = [
    element('1a45dfa3', element('4282', Buffer.from('webm'))),
    unending('18538067'),
    element('1549a966', element('2ad7b1', Buffer.from([0x0f, 0x42, 0x40]))),
    element('1654ae6b', element('ae', ...entry)),
  ]
  for (let atMs = 0; atMs < durationMs; atMs += 20) {
    if (atMs % 1_000 === 0) {
      parts.push(unending('1f43b675'), element('e7', padded(atMs, timestampBytes)))
    }
    const [high, low] = [(atMs % 1_000) >> 8, (atMs % 1_000) & 255]
    // The track, the time, no flags, and a packet of silence.
    parts.push(element('a3', Buffer.from([0x81, high, low, 0, 0xfc, 0xff, 0xfe])))
  }
  return Buffer.concat(parts)
}

function element(id: string, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content)
  return Buffer.concat([Buffer.from(id, 'hex'), byte(0x80 + bytes.length), bytes])
}

function unending(id: string): Buffer {
  return Buffer.from(`${id}01ffffffffffffff`, 'hex')
}

function byte(value: number): Buffer {
  return Buffer.from([value])
}

function padded(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeUInt32BE(value, length - 4)
  return bytes
}

function box(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + content.length)
  head.write(name, 4, 'latin1')
  return Buffer.concat([head, content])
}
