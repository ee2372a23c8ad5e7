import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { sentBytes } from './sent-bytes.ts'

// More than any system takes at once.
const sizeBytes = 64 << 20

test('a reader that has taken a part of one write is seen to have taken it', async () => {
  const { near, far } = await twoEnds()
  far.pause()
  near.write(Buffer.alloc(sizeBytes))
  await eventually(() => sentBytes(near) > 0)
  const before = sentBytes(near)
  expect(before).toBeLessThan(sizeBytes)
  let come = 0
  far.on('data', (bytes: Buffer) => {
    come += bytes.length
    if (come > sizeBytes / 2) far.pause()
  })
  far.resume()
  await eventually(() => sentBytes(near) > before && far.isPaused())
  // Nothing else tells: for Node the write has moved nothing.
  expect(near.bytesWritten - near.writableLength).toBe(0)
  far.removeAllListeners('data').resume()
  await eventually(() => sentBytes(near) === sizeBytes)
})

test('a socket that is gone has sent what it had sent', async () => {
  const { near, far } = await twoEnds()
  far.resume()
  await new Promise((resolve) => near.write(Buffer.alloc(1_000), resolve))
  near.destroy()
  await once(near, 'close')
  expect(sentBytes(near)).toBe(1_000)
})

async function twoEnds(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const far = createConnection((server.address() as AddressInfo).port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket]
  onTestFinished(() => {
    near.destroy()
    far.destroy()
    server.close()
  })
  for (const socket of [near, far]) socket.on('error', () => undefined)
  return { near, far }
}
