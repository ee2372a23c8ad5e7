import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

/** Callers that have not proven who they are; one more is hung up on. */
export const maxUnproven = 16

/** Where a device waits for others to call it. */
export interface Front {
  readonly port: number
  /** Hangs up on those who have not proven who they are. */
  close(): void
}

/** Listens on a port that the system chooses; `called` has a socket for itself once its promise is kept. */
export async function openFront(
  host: string,
  called: (socket: Socket) => Promise<void>,
): Promise<Front> {
  let unproven = 0
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    if (unproven >= maxUnproven) return void socket.destroy()
    unproven += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    const done = () => {
      unproven -= 1
      sockets.delete(socket)
    }
    called(socket).then(done, done)
  })
  const port = await listening(server, host)
  return {
    port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function listening(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(host === '' ? { port: 0 } : { host, port: 0 }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
