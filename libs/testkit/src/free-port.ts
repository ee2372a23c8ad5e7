import { createServer } from 'node:net'

/**
 * A port that was free a moment ago, chosen by the kernel. Prefer port 0 and reading the address
 * back; this is for what must know its port beforehand.
 */
export function freePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, host, () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
