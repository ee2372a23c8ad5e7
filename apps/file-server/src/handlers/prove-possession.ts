import { verifyAccessToken } from '@parley/auth'
import { answerJson, bearerOf, jsonBody } from '@parley/uploads'
import type { Exchange } from '@parley/uploads'
import { z } from 'zod'
import type { FileServerContext } from '../context.ts'
import { receiptHeaders } from '../receipt-headers.ts'
import { readBody } from './read-body.ts'

const shape = z.object({ proof: z.string().regex(/^[0-9a-f]{64}$/) })

/** POST /possessions/:id: a new file without an upload, for a right proof; all else is not found. */
export async function provePossession(ctx: FileServerContext, exchange: Exchange): Promise<void> {
  const { request, response, params } = exchange
  const { userId } = await verifyAccessToken(ctx.verifier, bearerOf(request), 'files')
  const { proof } = readBody(shape, await jsonBody(exchange))
  const id = params['id'] ?? ''
  const file = await ctx.possessions.prove(userId, id, Buffer.from(proof, 'hex'))
  for (const [name, value] of Object.entries(await receiptHeaders(ctx, file))) {
    response.setHeader(name, value)
  }
  answerJson(response, 201, { fileId: file.id })
}
