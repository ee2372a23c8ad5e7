import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { assertPortsFree, loadClusterConfig } from './config.ts'

async function takenPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as { port: number }).port
}

async function takenDatagramPort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  return socket.address().port
}

describe('the configuration of a cluster', () => {
  test('is the documented one when the environment says nothing', async () => {
    const config = await loadClusterConfig({})
    expect(config.folder).toBe(resolve('data'))
    expect(config.ports).toMatchObject({
      relay: 20_000,
      files: 20_001,
      images: 20_002,
      rendezvous: 20_005,
      relayInternal: 20_010,
      filesInternal: 20_011,
      imagesInternal: 20_012,
      presenceInternal: 20_013,
    })
  })

  test('moves all ports of the services with their base, and single ones by name', async () => {
    const { ports } = await loadClusterConfig({ PORT_BASE: '30000', FILES_PORT: '31000' })
    expect(ports).toMatchObject({ relay: 30_000, files: 31_000, presenceInternal: 30_013 })
  })

  test('takes any free ports for the base 0', async () => {
    const { ports } = await loadClusterConfig({ PORT_BASE: '0' })
    expect(new Set(Object.values(ports)).size).toBe(9)
    expect(Object.values(ports).every((port) => port >= 10_000)).toBe(true)
  })

  test('names every bad variable at once', async () => {
    const loading = loadClusterConfig({ PORT_BASE: 'x', RELAY_PORT: '70000', RENDEZVOUS: 'all' })
    await expect(loading).rejects.toMatchObject({
      reason: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /"all" is none of where, seed[\s\S]*PORT_BASE[\s\S]*RELAY_PORT/,
      ),
    })
  })
})

describe('ports that are taken', () => {
  test('matter for the rendezvous only when there is one', async () => {
    const env = { PORT_BASE: '0', RENDEZVOUS_PORT: String(await takenPort()) }
    await expect(assertPortsFree(await loadClusterConfig(env))).resolves.toBeUndefined()
    const asked = await loadClusterConfig({ ...env, RENDEZVOUS: '1' })
    await expect(assertPortsFree(asked)).rejects.toThrow('RENDEZVOUS_PORT')
    // Its connections are not in the way of datagrams.
    const echo = await loadClusterConfig({ ...env, RENDEZVOUS: 'where' })
    await expect(assertPortsFree(echo)).resolves.toBeUndefined()
  })

  test('matter for the rendezvous by their datagrams, too', async () => {
    const env = { PORT_BASE: '0', RENDEZVOUS_PORT: String(await takenDatagramPort()) }
    await expect(assertPortsFree(await loadClusterConfig(env))).resolves.toBeUndefined()
    for (const RENDEZVOUS of ['where', 'seed']) {
      const asked = await loadClusterConfig({ ...env, RENDEZVOUS })
      await expect(assertPortsFree(asked)).rejects.toThrow('RENDEZVOUS_PORT')
    }
  })

  test('are all named in one line, with the variables that choose others', async () => {
    const [relay, files] = [await takenPort(), await takenPort()]
    const config = await loadClusterConfig({
      PORT_BASE: '0',
      RELAY_PORT: String(relay),
      FILES_PORT: String(files),
    })
    await expect(assertPortsFree(config)).rejects.toMatchObject({
      reason: 'ADDRESS_IN_USE',
      message: `the addresses 127.0.0.1:${relay} (RELAY_PORT), 127.0.0.1:${files} (FILES_PORT) are taken by another process; choose others with PORT_BASE or the variables named`,
    })
  })

  test('do not matter for a nats-server that somebody else runs', async () => {
    const nats = await takenPort()
    const env = { PORT_BASE: '0', NATS_PORT: String(nats) }
    await expect(assertPortsFree(await loadClusterConfig(env))).rejects.toThrow('NATS_PORT')
    const external = await loadClusterConfig({ ...env, NATS_URL: 'nats://127.0.0.1:1' })
    await expect(assertPortsFree(external)).resolves.toBeUndefined()
  })
})
