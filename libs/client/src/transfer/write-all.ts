interface Writable {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>
}

/** Writes all bytes at `position`; throws when the disk takes no more of them. */
export async function writeAll(file: Writable, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    // A nearly full disk takes a part, and refuses only the next.
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    if (bytesWritten === 0) throw Object.assign(new Error('no byte written'), { code: 'ENOSPC' })
    done += bytesWritten
  }
}
