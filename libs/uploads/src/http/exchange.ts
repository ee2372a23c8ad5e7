import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger, Scheduler } from '@parley/service-kit'
import type { TransferPace } from './pace.ts'

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** What stood in the path where the route has `:name`, each `[A-Za-z0-9_-]{1,64}`. */
  readonly params: Readonly<Record<string, string>>
  /** Aborts when the client is gone or the server closes. */
  readonly signal: AbortSignal
  /** True when the client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean
  readonly pace: TransferPace
  readonly scheduler: Scheduler
  readonly log: Logger
}

/** One method on one path. */
export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS'
  /** For example `/files/:id`. */
  readonly path: string
  /** Answers the request; what it throws becomes a status and a JSON body. */
  readonly handle: (exchange: Exchange) => Promise<void>
}
