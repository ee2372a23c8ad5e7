import type { handleUnaryCall } from '@grpc/grpc-js'
import { bearerToken, unary } from '@parley/grpc-kit'
import type { CallInfo } from '@parley/grpc-kit'
import type { Context } from '../context.ts'
import { callerAddress } from '../security/caller-address.ts'
import type { Identity } from '../security/identity.ts'

/** Answers somebody who has shown a good access token. */
export type SignedInHandler<Req, Res> = (
  ctx: Context,
  request: Req,
  caller: Identity,
) => Promise<Res>

/** Answers anybody, at an address. */
export type OpenHandler<Req, Res> = (ctx: Context, request: Req, address: string) => Promise<Res>

/** A handler behind the access token and the rate of its user. */
export function signedIn<Req, Res>(
  ctx: Context,
  handler: SignedInHandler<Req, Res>,
): handleUnaryCall<Req, Res> {
  return unary(ctx, async (request: Req, call: CallInfo) => {
    const caller = await ctx.security.tokens.authenticate(bearerToken(call.metadata))
    ctx.security.rates.call(caller.user)
    return handler(ctx, request, caller)
  })
}

/** A handler that needs no token; it limits rates by address itself. */
export function anybody<Req, Res>(
  ctx: Context,
  handler: OpenHandler<Req, Res>,
): handleUnaryCall<Req, Res> {
  return unary(ctx, (request: Req, call: CallInfo) =>
    handler(ctx, request, callerAddress(call.peer)),
  )
}

/** A handler behind a shared key, which `requireKey` checks. */
export function keyed<Req, Res>(
  ctx: Context,
  handler: (ctx: Context, request: Req) => Promise<Res>,
): handleUnaryCall<Req, Res> {
  return unary(ctx, (request: Req) => handler(ctx, request))
}
