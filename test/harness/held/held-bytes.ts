import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Env } from '@parley/service-kit'

const program = new URL('./answer-held-bytes.ts', import.meta.url)

/** What one service is started with so that `heldBytesOf` this socket answers for it. */
export function heldBytesEnv(socketPath: string): Env {
  return { NODE_OPTIONS: `--import=${program.href}`, HELD_BYTES_SOCKET: socketPath }
}

/** What `heldBytes` says in the main thread of a service; kernel buffers and other threads are not in it. */
export async function heldBytesOf(socketPath: string): Promise<number> {
  const socket = connect(socketPath)
  await once(socket, 'connect')
  const bytes = Number(await text(socket))
  if (!(bytes > 0)) throw new Error('the service did not say what it holds')
  return bytes
}
