import { crc32 } from 'node:zlib'

const magic = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
/** Length and type before the content of a chunk, checksum after it. */
const headerBytes = 8
const checksumBytes = 4

/** A PNG with the checksum of every whole chunk made right; undefined for what is none. */
export function mendPngChecksums(bytes: Buffer): Buffer | undefined {
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined
  const mended = Buffer.from(bytes)
  for (let at = magic.length; at + headerBytes + checksumBytes <= mended.length;) {
    const end = at + headerBytes + mended.readUInt32BE(at)
    if (end + checksumBytes > mended.length) break
    mended.writeUInt32BE(crc32(mended.subarray(at + 4, end)), end)
    at = end + checksumBytes
  }
  return mended
}
