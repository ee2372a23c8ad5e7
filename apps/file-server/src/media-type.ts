import { open } from 'node:fs/promises'
import { fileTypeFromBuffer } from 'file-type'
import { hasOnlySound } from './webm-tracks.ts'

// Enough to pass over the colour profile that may stand before a picture's first pixel.
const sniffedBytes = 64 * 1024
const anything = 'application/octet-stream'

// Nothing here is run or rendered by a browser without a player of its own.
const allowed: ReadonlySet<string> = new Set([
  'application/gzip',
  'application/pdf',
  'application/x-7z-compressed',
  'application/zip',
  'audio/aac',
  'audio/amr',
  'audio/flac',
  'audio/mp4',
  'audio/mpeg',
  'audio/ogg',
  'audio/wav',
  'audio/webm',
  'image/avif',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/webp',
  'video/3gpp',
  'video/matroska',
  'video/mp4',
  'video/ogg',
  'video/quicktime',
  'video/webm',
])

/** What the sniffer knows by a name of its own. */
const properNames: Readonly<Record<string, string>> = {
  'audio/x-m4a': 'audio/mp4',
  'video/x-m4v': 'video/mp4',
}

/** The media type that the first bytes of a file show, if it is a harmless one, else octet-stream. */
export async function mediaTypeOf(path: string): Promise<string> {
  const bytes = await firstBytes(path)
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined)
  // Without parameters: for Opus in Ogg it says `audio/ogg; codecs=opus`.
  const [sniffed = ''] = (found?.mime ?? '').split(';')
  const type = properNames[sniffed] ?? sniffed
  // Browsers record voices so; it is a film to who knows it by its first bytes alone.
  if (type === 'video/webm' && hasOnlySound(bytes)) return 'audio/webm'
  return allowed.has(type) ? type : anything
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
