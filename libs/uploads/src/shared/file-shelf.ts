import type { BlobStore } from '@parley/blob-store'
import type { Scheduler } from '@parley/service-kit'
import { LRUCache } from 'lru-cache'
import type { FileRows } from '../file-rows.ts'
import { notFound } from '../refusals.ts'
import type { StoredFile } from '../stored-file.ts'
import type { FileRecord, FileRecords } from './file-records.ts'
import type { RecordChanges } from './record-changes.ts'

const maxRecords = 10_000
const recordLifeMs = 5 * 60_000
const absenceLifeMs = 3_000

/** Other servers with the same bucket. */
export interface Neighbours {
  /** This server. */
  readonly serverId: string
  readonly records: FileRecords
  /** The blobs of any of them. */
  readonly blobsOf: (serverId: string) => BlobStore
}

/** A file that this server can serve. */
export interface FoundFile {
  readonly file: StoredFile
  /** Has its blobs; `open` answers undefined when a file of this server's own has lost one. */
  readonly blobs: Pick<BlobStore, 'open'>
}

/** What a shelf stands on. */
export interface FileShelfParts {
  readonly files: Pick<FileRows, 'find'>
  readonly blobs: BlobStore
  readonly scheduler: Scheduler
  /** Both or neither. */
  readonly neighbours: Neighbours | undefined
  readonly changes: RecordChanges | undefined
}

/** Finds files by their ids: those of this server, and those of its neighbours if it has any. */
export class FileShelf {
  readonly #on: FileShelfParts
  readonly #known: LRUCache<string, FileRecord>
  readonly #absent: LRUCache<string, true>

  constructor(parts: FileShelfParts) {
    this.#on = parts
    // What the cache has put down at 0 it never takes for old.
    const now = () => 1 + parts.scheduler.monotonic()
    const clock = { perf: { now }, ttlResolution: 0 }
    this.#known = new LRUCache({ max: maxRecords, ttl: recordLifeMs, ...clock })
    this.#absent = new LRUCache({ max: maxRecords, ttl: absenceLifeMs, ...clock })
  }

  /** The file of that id, wherever it was uploaded. */
  async find(id: string): Promise<FoundFile | undefined> {
    const { files, blobs, neighbours } = this.#on
    const file = files.find(id)
    if (file) return { file, blobs }
    if (!neighbours) return undefined
    const record = this.#known.get(id) ?? (await this.#ask(id, neighbours))
    return record && this.#foreign(record, neighbours)
  }

  /**
   * Resolves when neighbours find a file of this server just when its index does: before anybody is
   * told of a new file, and before the blobs of one that is gone are deleted.
   */
  async settle(id: string): Promise<void> {
    const { changes, files } = this.#on
    await changes?.settle(id, (each) => files.find(each))
  }

  /** Settles what a failure has left behind, at most `limit` files. */
  async settleListed(limit: number): Promise<void> {
    for (const id of this.#on.changes?.listed(limit) ?? []) await this.settle(id)
  }

  async #ask(id: string, { records, serverId }: Neighbours): Promise<FileRecord | undefined> {
    if (this.#absent.get(id)) return undefined
    const record = await records.find(id)
    // One of this server's own is about to be withdrawn: the index is what counts.
    const found = record?.serverId === serverId ? undefined : record
    if (found) this.#known.set(id, found)
    else this.#absent.set(id, true)
    return found
  }

  #foreign({ file, serverId }: FileRecord, { blobsOf }: Neighbours): FoundFile {
    const open = async (digest: string) => {
      const blob = await blobsOf(serverId).open(digest)
      if (blob) return blob
      // Collected there since: its record goes as well.
      this.#known.delete(file.id)
      throw notFound()
    }
    return { file, blobs: { open } }
  }
}
