import { createHash } from 'node:crypto'
import type { AnswerOf, ScriptName } from '../commands/index.ts'
import type { Context } from '../context.ts'
import type { CommandOf, RequestKey } from '../store/journal.ts'
import { idOf } from './checks.ts'
import { refusalError } from './refusals.ts'

/** The "user" of calls without a session. */
export const nobody = 0
/** The "user" of operators' calls. */
export const operator = -1

/** What a mutating request has. */
interface Mutating {
  readonly requestId: Uint8Array
}

/** What encodes a request. */
interface RequestCodec<Req> {
  encode(request: Req): { finish(): Uint8Array }
}

/** The committed answer of a command; throws its refusal as `AppError`. */
export async function commit<Name extends ScriptName>(
  ctx: Context,
  command: CommandOf<Name>,
): Promise<AnswerOf<Name>> {
  const outcome = await ctx.commits.run(command)
  if (!outcome.ok) throw refusalError(outcome)
  return outcome.answer
}

/**
 * The key under which a repeated request is known. The digest covers everything but `secrets`: not
 * even a hash of a password is stored beside the proper one.
 */
export function requestKey<Req extends Mutating>(
  user: number,
  what: string,
  codec: RequestCodec<Req>,
  request: Req,
  secrets: Partial<Req> = {},
): RequestKey {
  const id = idOf(request.requestId, 'request_id')
  const bytes = codec.encode({ ...request, ...secrets }).finish()
  const digest = createHash('sha256').update(`${what}\n`).update(bytes).digest().subarray(0, 16)
  return { user, id, digest: Uint8Array.from(digest) }
}
