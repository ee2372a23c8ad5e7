import type { ServerResponse } from 'node:http'
import type { OpenBlob } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import { Outlet } from './outlet.ts'
import type { ByteRange } from './ranges.ts'
import { takeSendBuffer } from './send-buffers.ts'
import type { SendBuffer } from './send-buffers.ts'

/** What an answer's body consists of, in order. */
export type BodyPart = ByteRange | Uint8Array

// A peer that takes its time must not keep large buffers from others meanwhile.
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
  let at = range.start
  let isSlow = false
  const send = async ({ bytes }: SendBuffer) => {
    const pieceBytes = Math.min(isSlow ? slowPieceBytes : bytes.length, range.end - at)
    const count = await read(bytes.subarray(0, pieceBytes), at)
    if (count === 0) throw shortBlob()
    at += count
    const startMs = performance.now()
    await outlet.send(bytes.subarray(0, count), isLast && at === range.end)
    isSlow = performance.now() - startMs > slowMs
  }
  while (at < range.end) {
    await withBuffer(isSlow ? slowPieceBytes : range.end - at, async (buffer) => {
      const wasSlow = isSlow
      while (at < range.end && isSlow === wasSlow) await send(buffer)
    })
  }
}

async function withBuffer(wantedBytes: number, work: (buffer: SendBuffer) => Promise<void>) {
  const buffer = takeSendBuffer(wantedBytes)
  // A socket that was cut off may still be reading from it.
  let isUnused = false
  try {
    await work(buffer)
    isUnused = true
  } finally {
    buffer.release(isUnused)
  }
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
