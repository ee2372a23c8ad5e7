import { verifyAccessToken } from '@parley/auth'
import { answerJson, bearerOf, jsonBody } from '@parley/uploads'
import type { Exchange } from '@parley/uploads'
import { z } from 'zod'
import type { FileServerContext } from '../context.ts'
import { readBody } from './read-body.ts'

const maxNameBytes = 1_024

const shape = z.object({
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().min(1),
  name: z
    .string()
    .refine((name) => name.isWellFormed() && Buffer.byteLength(name) <= maxNameBytes)
    .optional(),
})

/** POST /possessions: what the user must hash to prove a file; the same whether it is here or not. */
export async function askPossession(ctx: FileServerContext, exchange: Exchange): Promise<void> {
  const { userId } = await verifyAccessToken(ctx.verifier, bearerOf(exchange.request), 'files')
  const { digest, sizeBytes, name = '' } = readBody(shape, await jsonBody(exchange))
  const claim = { digest, sizeBytes, name: name === '' ? undefined : name }
  const { id, nonce, ranges } = await ctx.possessions.ask(userId, claim)
  answerJson(exchange.response, 201, { id, nonce: Buffer.from(nonce).toString('hex'), ranges })
}
