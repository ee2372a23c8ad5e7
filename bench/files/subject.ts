/** A file that goes to every server under measurement. */
export interface SourceFile {
  /** Names the bytes: no two files share one. */
  readonly seed: string
  readonly sizeBytes: number
  /** BLAKE3 of the bytes, hex. */
  readonly digest: string
}

/** How bytes get to a server: plain PUT, tus in one request, or tus as POST and one PATCH. */
type PutWay = 'put' | 'tus-at-once' | 'tus'

/** One file to be put. */
export interface PutJob {
  readonly way: PutWay
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly seed: string
  readonly sizeBytes: number
}

/** What the server said of a file that it has taken. */
export interface PutAnswer {
  readonly seed: string
  /** Of the answer that completed the file, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Where the upload or file lives, as the server tells or as it was asked for. */
  readonly path: string
}

/** One file to be fetched. */
export interface GetJob {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly seed: string
  readonly sizeBytes: number
}

/** A file server under measurement. */
export interface FileSubject {
  readonly name: string
  /** The root of its process tree, whose CPU time counts. */
  readonly pid: number
  /** `host:port` */
  readonly address: string
  /** What it is, for whoever reads the figures. */
  readonly description: string
  putJob(file: SourceFile): Promise<PutJob>
  getJob(file: SourceFile, stored: PutAnswer): Promise<GetJob>
  /** Where the bytes of a stored file lie on disk, so that they can be looked at and taken away. */
  placeOf(file: SourceFile, stored: PutAnswer): string
  stop(): Promise<void>
}

/** Below this, a file goes in the request that begins its upload. */
export const atOnceBytes = 1 << 20
