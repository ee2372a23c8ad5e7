/** The life of an upload, and of the file that it becomes. */
export type UploadEvent =
  | {
      readonly op: 'invoke'
      readonly f: 'upload'
      readonly upload: string
      readonly sizeBytes: number
      /** Of all its bytes. */
      readonly digest: string
    }
  /** Bytes up to there are about to be sent. */
  | {
      readonly op: 'invoke'
      readonly f: 'bytes'
      readonly upload: string
      readonly upTo: number
    }
  /** The server said that it has so many bytes. */
  | {
      readonly op: 'ok'
      readonly f: 'bytes'
      readonly upload: string
      readonly upTo: number
    }
  /** The server said that it is complete, and is this file. */
  | {
      readonly op: 'ok'
      readonly f: 'upload'
      readonly upload: string
      readonly file: string
    }
  /** A file was read in the end, by somebody who may; `fail` when it could not be. */
  | { readonly op: 'ok'; readonly f: 'download'; readonly file: string; readonly digest: string }
  | { readonly op: 'fail'; readonly f: 'download'; readonly file: string; readonly reason: string }
