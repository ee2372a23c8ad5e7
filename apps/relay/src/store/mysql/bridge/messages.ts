import type { MessagePort } from 'node:worker_threads'
import type { WriterLimits } from '../writer-limits.ts'
import type { StatementResult } from './session.ts'

/** What the writer asks of the thread that owns the connection. */
export type ToBridge =
  | { readonly kind: 'connect'; readonly number: number }
  /** Runs statements one after the other until one fails. */
  | { readonly kind: 'run'; readonly number: number; readonly statements: readonly string[] }
  /** Ends the connection where it stands; nothing is answered. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'close' }

/** A failure as it crosses the threads. */
export interface BridgeFailure {
  readonly code: string
  readonly errno: number
  readonly message: string
  /** True when the connection is of no use any more. */
  readonly lost: boolean
}

/** The one answer to a question. */
export interface FromBridge {
  readonly number: number
  readonly results: readonly StatementResult[]
  readonly failure: BridgeFailure | undefined
}

/** What the thread is started with. */
export interface BridgeParts {
  readonly url: string
  readonly limits: WriterLimits
  readonly port: MessagePort
  /** Counts the answers; the writer sleeps on it. */
  readonly answers: Int32Array
}
