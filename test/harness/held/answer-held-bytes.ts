import { once } from 'node:events'
import { Session } from 'node:inspector/promises'
import { createServer } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'

// Loaded before a service by `heldBytesEnv`. Each connection to the socket is answered with the bytes
// that the service's main thread holds, once everything that can be collected is collected.

const socketPath = process.env['HELD_BYTES_SOCKET']
if (isMainThread && socketPath !== undefined) {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    void heldBytes().then((bytes) => socket.end(String(bytes)))
  })
  server.listen(socketPath)
  await once(server, 'listening')
  server.unref()
}

async function heldBytes(): Promise<number> {
  const session = new Session()
  session.connect()
  // What a collection finds unreachable may let go of more only when its finalizers have run.
  for (let round = 0; round < 3; round += 1) {
    await session.post('HeapProfiler.collectGarbage')
    await turn()
  }
  session.disconnect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
