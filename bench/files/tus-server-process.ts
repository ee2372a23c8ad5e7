/** The reference tus server as its documentation starts it: `tus-server-process.ts FOLDER`. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const [, , directory = ''] = process.argv
const tus = new Server({
  path: '/uploads',
  relativeLocation: true,
  datastore: new FileStore({ directory }),
})
const server = createServer((request, response) => void tus.handle(request, response))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(port)
})
process.stdin.once('close', () => process.exit())
process.stdin.resume()
process.once('SIGTERM', () => process.exit())
