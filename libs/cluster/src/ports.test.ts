import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { clusterPorts, isPortFree } from './ports.ts'

describe('ports', () => {
  test('of a cluster are free, different and outside the range of outgoing connections', async () => {
    const ports = Object.values(await clusterPorts()) as number[]
    expect(new Set(ports).size).toBe(9)
    expect(ports.every((port) => port >= 10_000 && port < 32_000)).toBe(true)
    expect(await Promise.all(ports.map((port) => isPortFree('127.0.0.1', port)))).not.toContain(
      false,
    )
  })

  test('on which somebody listens are taken', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    expect(await isPortFree('127.0.0.1', port)).toBe(false)
  })

  test('on an address that is not ours cannot be asked for', async () => {
    await expect(isPortFree('192.0.2.1', 20_000)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  })
})
