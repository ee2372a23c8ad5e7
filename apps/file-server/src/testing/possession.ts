import { digestBytes, keyedDigest } from '@parley/blob-store'
import { ask } from './http.ts'

/** A challenge as it comes over HTTP. */
export interface ChallengeBody {
  readonly id: string
  readonly nonce: string
  readonly ranges: readonly { readonly start: number; readonly end: number }[]
}

/** POST of JSON to `/possessions`, or below it. */
export function postPossession(root: string, token: string, path: string, body: unknown) {
  return ask('POST', `${root}/possessions${path}`, token, {}, Buffer.from(JSON.stringify(body)))
}

/** What somebody claims who has these bytes. */
export function claimOf(bytes: Buffer, name?: string) {
  return { digest: digestBytes(bytes), sizeBytes: bytes.length, name }
}

/** A challenge about these bytes. */
export async function challenge(root: string, token: string, bytes: Buffer, name?: string) {
  const answer = await postPossession(root, token, '', claimOf(bytes, name))
  if (answer.status !== 201) throw new Error(`no challenge: ${answer.status}`)
  return JSON.parse(answer.body.toString()) as ChallengeBody
}

/** The proof as docs/protocol.md has it, with nothing of the server's own. */
export function proofOf(bytes: Buffer, { nonce, ranges }: ChallengeBody): string {
  const parts = ranges.map(({ start, end }) => bytes.subarray(start, end))
  const context = 'parley 2026-11 proof of possession'
  return keyedDigest(context, Buffer.from(nonce, 'hex'), parts).toString('hex')
}

/** The reason of a refusal. */
export function reasonOf(answer: { readonly body: Buffer }): string {
  return (JSON.parse(answer.body.toString()) as { error: { reason: string } }).error.reason
}
