import { Metadata } from '@grpc/grpc-js'
import { AppError, toAppError } from '@parley/errors'
import { bearerMetadata } from '@parley/grpc-kit'
import { Backoff, delay } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { newId } from '../ids.ts'
import type { Servers } from '../servers/servers.ts'
import { attemptUnary } from './unary.ts'
import type { UnaryMethod } from './unary.ts'

/** Where a call's token comes from. */
export interface TokenSource {
  /** A token that is valid for a while yet. */
  access(): Promise<string>
  /** Another token than the one that was refused. */
  renewed(stale: string): Promise<string>
}

/** How one call is made. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** A request as a caller writes it: what is left out is empty, the request id is made. */
export type RequestOf<Req> = Partial<Req>

const deadlineMs = 10_000
const maxAttempts = 4

/** Makes unary calls that survive a server's absence of a moment and a token's end. */
export class Caller {
  readonly #servers: Servers
  readonly #scheduler: Scheduler
  readonly #tokens: TokenSource | undefined

  constructor(servers: Servers, scheduler: Scheduler, tokens?: TokenSource) {
    this.#servers = servers
    this.#scheduler = scheduler
    this.#tokens = tokens
  }

  /**
   * Calls, at most 4 times within 10 s while no server can be reached, always with the same request
   * id; throws `AppError` with the server's reason.
   */
  async call<Req extends object, Res>(
    method: UnaryMethod<Req, Res>,
    given: RequestOf<Req>,
    options: CallOptions = {},
  ): Promise<Res> {
    const request = this.#complete(method, given)
    const endMs = this.#scheduler.monotonic() + deadlineMs
    const backoff = new Backoff(this.#scheduler, { baseMs: 100, capMs: 1_000 })
    let token = await this.#tokens?.access()
    for (let attempt = 1, renewed = false; ;) {
      try {
        return await this.#attempt(method, request, token, endMs, options.signal)
      } catch (error) {
        const failure = toAppError(error)
        if (token !== undefined && !renewed && isStale(failure)) {
          token = await this.#tokens?.renewed(token)
          renewed = true
          continue
        }
        if (failure.kind !== 'unavailable' || attempt >= maxAttempts) throw failure
        attempt += 1
        await this.#pause(backoff.next(), endMs, failure, options.signal)
      }
    }
  }

  async #attempt<Req, Res>(
    method: UnaryMethod<Req, Res>,
    request: Req,
    token: string | undefined,
    endMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Res> {
    if (signal?.aborted) throw new AppError('cancelled', 'CANCELLED', 'cancelled')
    const door = this.#servers.current()
    const metadata = token === undefined ? new Metadata() : bearerMetadata(token)
    const limitMs = Math.max(1, endMs - this.#scheduler.monotonic())
    try {
      return await attemptUnary({ door, method, request, metadata, limitMs, signal })
    } catch (error) {
      const failure = toAppError(error)
      // The server did not speak at all; one that is only slow is asked again.
      if (failure.reason === 'UNREACHABLE' && failure.kind === 'unavailable') {
        this.#servers.failed(door)
      }
      throw failure
    }
  }

  async #pause(
    waitMs: number,
    endMs: number,
    failure: AppError,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const pauseMs = Math.max(waitMs, failure.retryAfterMs ?? 0)
    if (this.#scheduler.monotonic() + pauseMs >= endMs) throw failure
    await delay(this.#scheduler, pauseMs, signal)
  }

  // An empty buffer decodes to a request with every field at its default.
  #complete<Req extends object, Res>(method: UnaryMethod<Req, Res>, given: RequestOf<Req>): Req {
    const blank = method.requestDeserialize(Buffer.alloc(0))
    const id = 'requestId' in blank ? { requestId: newId(this.#scheduler) } : {}
    return { ...blank, ...id, ...given }
  }
}

function isStale(failure: AppError): boolean {
  return failure.kind === 'unauthenticated' && failure.reason === 'TOKEN_EXPIRED'
}
