import type { GetJob, PutAnswer, PutJob } from './subject.ts'

/** Whom a load goes to and how much of it at once. */
interface Target {
  /** `host:port` */
  readonly address: string
  /** Whose CPU time counts, with its descendants. */
  readonly pid: number
  /** Connections, each with one request at a time. */
  readonly parallel: number
}

/** What the process that plays all clients is asked to do. */
export type LoadRequest =
  | ({ readonly kind: 'put'; readonly jobs: readonly PutJob[] } & Target)
  | ({
      readonly kind: 'get'
      readonly jobs: readonly GetJob[]
      /** Every byte is compared, at the client's cost; otherwise the stamps and lengths. */
      readonly everyByte: boolean
    } & Target)
  | ({
      readonly kind: 'resume'
      readonly jobs: readonly PutJob[]
      /** Where each upload is cut off, ascending. */
      readonly cutsAtBytes: readonly number[]
    } & Target)

/** What a load cost. */
export interface LoadFigures {
  readonly seconds: number
  readonly serverCpuSeconds: number
  readonly clientCpuSeconds: number
}

/** What became of interrupted uploads. */
export interface ResumeFigures {
  /** For each interruption: bytes sent that the server did not have on disk. */
  readonly resentBytes: readonly number[]
  /** For each interruption: from the first question where to go on until the server took bytes again. */
  readonly backMs: readonly number[]
}

/** What it answers. */
export type LoadAnswer =
  | { readonly kind: 'done'; readonly figures: LoadFigures; readonly stored: readonly PutAnswer[] }
  | ({
      readonly kind: 'resumed'
      readonly figures: LoadFigures
      readonly stored: readonly PutAnswer[]
    } & ResumeFigures)
  | { readonly kind: 'failed'; readonly message: string }
