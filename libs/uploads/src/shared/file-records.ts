import type { StoredFile } from '../stored-file.ts'

/** What all servers of a bucket may know of a finished file. */
export interface FileRecord {
  /** Whose blobs it consists of. */
  readonly serverId: string
  readonly file: StoredFile
}

/** The finished files of all servers of one service that share a bucket. */
export interface FileRecords {
  /** Tells of a file of this server; bears repetition. */
  write(file: StoredFile): Promise<void>
  find(id: string): Promise<FileRecord | undefined>
  /** Forgets a file of this server; bears repetition. */
  remove(id: string): Promise<void>
}
