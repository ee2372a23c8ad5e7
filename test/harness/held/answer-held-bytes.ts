import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { isMainThread } from 'node:worker_threads'
import { heldBytes } from '@parley/testkit/held-bytes'

// Loaded before a service by `heldBytesEnv`. Each connection to the socket is answered with the bytes
// that the service's main thread holds, once everything that can be collected is collected.

const socketPath = process.env['HELD_BYTES_SOCKET']
if (isMainThread && socketPath !== undefined) {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    void heldBytes().then((bytes) => socket.end(String(bytes)))
  })
  // What a killed process has left behind.
  rmSync(socketPath, { force: true })
  server.listen(socketPath)
  await once(server, 'listening')
  server.unref()
}
