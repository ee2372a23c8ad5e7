import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** All bytes that a client sends while it plays with a server at `host:port`, over one connection. */
export async function recorded(
  address: string,
  play: (address: string) => Promise<void>,
): Promise<Buffer> {
  const [host, port] = address.split(':')
  const sent: Buffer[] = []
  const proxy = createServer((near) => {
    const far = connect({ host, port: Number(port) })
    near.on('data', (bytes: Buffer) => sent.push(bytes))
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  try {
    await play(`127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  } finally {
    proxy.close()
  }
  return Buffer.concat(sent)
}
