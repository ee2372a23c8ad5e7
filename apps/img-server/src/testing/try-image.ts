import { variantNames } from '../domain/variant.ts'
import type { VariantName } from '../domain/variant.ts'
import { append, begin, read } from './requests.ts'
import { alice } from './start-test-server.ts'
import type { TestServer } from './start-test-server.ts'

/** One picture that the server serves. */
interface ServedPicture {
  readonly variant: VariantName
  readonly type: string
  readonly bytes: Buffer
}

/** What became of an image: its pictures, or the status and reason of the refusal. */
export type Tried =
  | { readonly made: true; readonly id: string; readonly pictures: readonly ServedPicture[] }
  | { readonly made: false; readonly status: number; readonly reason: string }

type Server = Pick<TestServer, 'url' | 'token' | 'ticket'>

/**
 * Uploads an image as Alice and reads all its variants back, in the stored types or those of
 * `accept`; throws only when the server fails to answer or to serve what it has made.
 */
export async function tryImage(server: Server, bytes: Buffer, accept = '*/*'): Promise<Tried> {
  const token = await server.token(alice)
  const address = await begin(server.url, token, bytes.length)
  const answer = await append(address, token, bytes)
  if (answer.status !== 204) {
    const { error } = (await answer.json()) as { error: { reason: string } }
    return { made: false, status: answer.status, reason: error.reason }
  }
  const id = answer.headers.get('parley-image-id') ?? ''
  const pictures = variantNames.map((variant) => picture(server, id, variant, accept))
  return { made: true, id, pictures: await Promise.all(pictures) }
}

async function picture(
  server: Server,
  id: string,
  variant: VariantName,
  accept: string,
): Promise<ServedPicture> {
  const ticket = await server.ticket(id)
  const path = `/images/${id}/${variant}`
  const answer = await read(server.url, path, ticket, { headers: { Accept: accept } })
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
  const type = answer.headers.get('content-type') ?? ''
  return { variant, type, bytes: Buffer.from(await answer.arrayBuffer()) }
}
