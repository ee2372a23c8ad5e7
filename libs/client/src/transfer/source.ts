import type { CallOptions } from '../calls/caller.ts'
import type { TransferContext } from './transfer-context.ts'

/** Where the bytes of a download come from. */
export interface Source {
  /** Leave to read the bytes for a while, and where they are. */
  readonly ticket: (call: CallOptions) => Promise<{ readonly ticket: string; readonly url: string }>
  /** BLAKE3 in hex; undefined where nobody but the server that has the bytes says it. */
  readonly digest: string | undefined
  /** Undefined where it is not known; else nothing of another size is fetched. */
  readonly sizeBytes?: number
  /** Who is asked before the server; only where the digest is known. */
  readonly elsewhere?: BytesElsewhere | undefined
}

/** The same bytes without the server. */
export interface BytesElsewhere {
  readonly sizeBytes: number
  /** From an offset on as far as they come, which need not be to the end; undefined where nobody has them. */
  readonly from: (offset: number) => AsyncIterable<Uint8Array> | undefined
}

/** What a download uses: it needs no tokens, for each source gives tickets. */
export type FetchContext = Omit<TransferContext, 'tokens'>
