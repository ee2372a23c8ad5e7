import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { natsConfig } from './nats-config.ts'
import { startNatsServer } from './nats-server.ts'

describe('startNatsServer', () => {
  test('takes connections on loopback when it resolves, and none after stop', async () => {
    const server = await startNatsServer({ folder: await tempFolder() })
    onTestFinished(() => server.kill())
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`)
    expect(alive(server.pid)).toBe(true)
    await server.stop()
    await server.stop()
    expect(alive(server.pid)).toBe(false)
  })

  test('each run has passwords of its own, in a file that only its owner reads', async () => {
    const folders = [await tempFolder(), await tempFolder()]
    const servers = await Promise.all(folders.map((folder) => startNatsServer({ folder })))
    for (const server of servers) onTestFinished(() => server.kill())
    const [first, second] = servers.map((server) => server.passwords)
    expect(Object.keys(first ?? {}).toSorted()).toEqual(['presence', 'relay'])
    expect(first?.['relay']).toHaveLength(32)
    expect(first?.['relay']).not.toBe(second?.['relay'])
    const { mode } = await stat(join(folders[0]!, 'nats-server.conf'))
    expect(mode & 0o777).toBe(0o600)
  })

  test('says in its error why the server did not start', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as { port: number }
    const starting = startNatsServer({ folder: await tempFolder(), port })
    await expect(starting).rejects.toMatchObject({
      reason: 'NATS_SERVER_FAILED',
      message: expect.stringContaining('address already in use'),
    })
  })

  test('tells how to get a server that is not installed', async () => {
    const folder = await tempFolder()
    const starting = startNatsServer({ folder, programFolders: [folder] })
    await expect(starting).rejects.toMatchObject({
      reason: 'NATS_SERVER_MISSING',
      message: expect.stringContaining('apt-get install nats-server'),
    })
  })

  test('a stopped server process is ended by force', async () => {
    const server = await startNatsServer({ folder: await tempFolder() })
    process.kill(server.pid, 'SIGSTOP')
    await server.stop()
    expect(alive(server.pid)).toBe(false)
  }, 15_000)

  test('the server ends with a process that is killed', async () => {
    const folder = await tempFolder()
    const source = `
      import { startNatsServer } from ${JSON.stringify(join(import.meta.dirname, 'nats-server.ts'))}
      const server = await startNatsServer({ folder: ${JSON.stringify(folder)} })
      console.log(server.pid)
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())))
    })
    expect(alive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await eventually(() => !alive(pid))
  })
})

test('a name that would break out of the configuration is refused', () => {
  const users = [{ name: 'a" }', publish: [], subscribe: [] }]
  const config = { port: 0, folder: 'data', users, passwords: {} }
  expect(() => natsConfig(config)).toThrow(
    expect.objectContaining({ reason: 'NATS_CONFIG_INVALID' }),
  )
})

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
