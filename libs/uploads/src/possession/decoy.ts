import { open } from 'node:fs/promises'
import path from 'node:path'
import type { OpenBlob } from '@parley/blob-store'
import { maxProofBytes } from './sample-ranges.ts'

// Twice what a proof reads, so that any range fits in it somewhere.
const decoyBytes = 2 * maxProofBytes

/**
 * What is read where there is nothing to read, so that absence costs what presence does: a file of
 * nothing but a hole, which takes no space, also not on a full disk.
 */
export class Decoy {
  readonly #file: string

  constructor(folder: string) {
    this.#file = path.join(folder, 'decoy')
  }

  /** Opens it as if it were a blob of any size. */
  async open(): Promise<OpenBlob> {
    const file = await open(this.#file, 'a+', 0o600)
    await file.truncate(decoyBytes)
    return {
      sizeBytes: decoyBytes,
      stream: () => {
        throw new Error('a decoy is read without a stream')
      },
      read: async (into, position) => {
        const from = position % (decoyBytes - into.byteLength + 1)
        return (await file.read(into, 0, into.byteLength, from)).bytesRead
      },
      close: () => file.close(),
    }
  }
}
