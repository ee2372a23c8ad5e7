import { Digest, digestFile } from '@parley/blob-store'
import { LRUCache } from 'lru-cache'
import type { PartFiles } from './part-files.ts'

const maxDigests = 256

/**
 * The digests of uploads under way, kept between their bodies; one that is not here (after a
 * restart, or pushed out by others) or lags behind is made from the bytes on disk.
 */
export class RunningDigests {
  readonly #digests = new LRUCache<string, Digest>({ max: maxDigests })
  readonly #parts: PartFiles

  constructor(parts: PartFiles) {
    this.#parts = parts
  }

  /** Takes the digest of an upload's first `offsetBytes` bytes; nobody else has it until `keep`. */
  async take(id: string, offsetBytes: number): Promise<Digest> {
    const digest = this.#digests.get(id)
    this.#digests.delete(id)
    const isBehind = digest !== undefined && digest.sizeBytes <= offsetBytes
    return digestFile(this.#parts.pathOf(id), offsetBytes, isBehind ? digest : new Digest())
  }

  /** Gives a digest back that stands where the bytes on disk end. */
  keep(id: string, digest: Digest): void {
    this.#digests.set(id, digest)
  }

  forget(id: string): void {
    this.#digests.delete(id)
  }
}
