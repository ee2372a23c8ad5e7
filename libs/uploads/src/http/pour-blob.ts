import type { ServerResponse } from 'node:http'
import type { OpenBlob } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import { Outlet } from './outlet.ts'
import type { ByteRange } from './ranges.ts'

/** What an answer's body consists of, in order. */
export type BodyPart = ByteRange | Uint8Array

// Read from the disk's cache and given to the socket while it is still in the processor's: larger
// pieces cost more for each byte, smaller ones more for each call.
const bufferBytes = 256 * 1024
const maxSpareBuffers = 64
const spare: Buffer[] = []

// A peer that takes its time gets pieces that it can take within the time it is given.
const slowMs = 1_000
const slowPieceBytes = 16 * 1024

/** Sends a body and ends the answer; throws when the client goes or the blob has fewer bytes. */
export async function pourBlob(
  response: ServerResponse,
  blob: OpenBlob,
  parts: readonly BodyPart[],
): Promise<void> {
  const outlet = new Outlet(response)
  try {
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1
      if (part instanceof Uint8Array) await outlet.send(part, isLast)
      else if (part.end <= part.start) await outlet.send(Buffer.alloc(0), isLast)
      else if (blob.read) await pourRead(outlet, blob.read.bind(blob), part, isLast)
      else await pourStream(outlet, blob, part, isLast)
    }
  } finally {
    outlet.release()
  }
}

type Read = NonNullable<OpenBlob['read']>

async function pourRead(outlet: Outlet, read: Read, range: ByteRange, isLast: boolean) {
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(bufferBytes)
  let pieceBytes = bufferBytes
  let at = range.start
  while (at < range.end) {
    const count = await read(buffer.subarray(0, Math.min(pieceBytes, range.end - at)), at)
    if (count === 0) throw shortBlob()
    at += count
    const startMs = performance.now()
    await outlet.send(buffer.subarray(0, count), isLast && at === range.end)
    pieceBytes = performance.now() - startMs > slowMs ? slowPieceBytes : bufferBytes
  }
  // Only now: a socket that was cut off may still be reading from it.
  if (spare.length < maxSpareBuffers) spare.push(buffer)
}

async function pourStream(outlet: Outlet, blob: OpenBlob, range: ByteRange, isLast: boolean) {
  const stream = blob.stream(range.start, range.end) as AsyncIterable<Buffer>
  let at = range.start
  for await (const piece of stream) {
    at += piece.length
    await outlet.send(piece, isLast && at === range.end)
  }
  if (at < range.end) throw shortBlob()
}

function shortBlob(): AppError {
  return new AppError('corrupt', 'BLOB_DAMAGED', 'the blob has fewer bytes than it should')
}
