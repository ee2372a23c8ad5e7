import { once } from 'node:events'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ParleyCommand } from '../harness/parley-command.ts'
import { processesOf } from '../harness/processes.ts'
import { StartCommand } from '../harness/start-command.ts'

/** A start on a data folder of its own, which is gone with the test. */
async function setup() {
  const folder = await tempFolder()
  const data = path.join(folder, 'data')
  return { folder, data, start: (env = {}) => StartCommand.script({ DATA_DIR: data, ...env }) }
}

async function nobodyIsLeft(folder: string): Promise<void> {
  await eventually(
    () => {
      const left = processesOf(folder)
      if (left.length === 0) return true
      throw new Error(`still there: ${left.join(', ')}`)
    },
    { timeoutMs: 60_000, everyMs: 100 },
  )
}

/**
 * Every file under a folder with its size and time of change, without what a running service
 * itself goes on writing.
 */
function snapshot(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }) as string[]
  return names
    .filter((name) => !/\.(log|draft)$|-(wal|shm|keys\.json)$/.test(name))
    .map((name) => ({ name, stat: statSync(path.join(folder, name)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ name, stat }) => `${name} ${stat.size} ${stat.mtimeMs}`)
}

function chatWorks(relay: string, folder: string): Promise<unknown> {
  return new ParleyCommand(path.join(folder, 'home'), relay).register('ann')
}

describe('npm start', () => {
  test('brings everything up, says where, and Ctrl-C leaves no process behind', async () => {
    const { data, folder } = await setup()
    const start = StartCommand.npm({ DATA_DIR: data })
    await start.up()
    for (const name of ['relay', 'file-server', 'img-server', 'presence', 'nats']) {
      expect(start.stdout).toMatch(
        new RegExp(`^  ${name} +127\\.0\\.0\\.1:|^  ${name} +- +127`, 'm'),
      )
    }
    expect(start.stdout).toContain(`PARLEY_SERVER=${start.relay()} npx --no parley register`)
    await chatWorks(start.relay(), folder)
    expect(processesOf(data).length).toBeGreaterThanOrEqual(6)
    start.signalGroup('SIGINT')
    await start.ended
    expect(start.stdout).toContain('parley: stopped')
    expect(processesOf(data)).toEqual([])
  })

  test('a second start on the same data says so in one line before it touches anything', async () => {
    const { data, folder, start } = await setup()
    const first = start()
    await first.up()
    const before = snapshot(data)
    const second = start()
    expect(await second.ended).toBe(1)
    expect(second.stderr).toBe(
      `parley cannot start: the data folder ${data} is in use by process ${first.pid}; one process only may have it\n`,
    )
    expect(second.stdout).toBe('')
    expect(snapshot(data)).toEqual(before)
    await chatWorks(first.relay(), folder)
  })

  test.each([
    { word: '--help', code: 0, stream: 'stdout' },
    { word: 'relay', code: 2, stream: 'stderr' },
  ] as const)('given $word it starts nothing and says how it is used', async (given) => {
    const start = StartCommand.script({}, [given.word])
    expect(await start.ended).toBe(given.code)
    expect(start[given.stream]).toContain('npm start takes no arguments')
    expect(start.stdout + start.stderr).not.toContain('Parley is up')
  })

  test('a taken port is named in one line, and nothing was started', async () => {
    const { data, start } = await setup()
    const server = createServer()
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    const command = start({ RELAY_PORT: String(port) })
    expect(await command.ended).toBe(1)
    expect(command.stderr).toBe(
      `parley cannot start: the address 127.0.0.1:${port} (RELAY_PORT) is taken by another process; choose others with PORT_BASE or the variables named\n`,
    )
    expect(existsSync(path.join(data, 'relay'))).toBe(false)
    expect(processesOf(data)).toEqual([])
  })

  test('a data folder that cannot be written is named in one line', async () => {
    const { folder } = await setup()
    writeFileSync(path.join(folder, 'file'), '')
    const data = path.join(folder, 'file', 'data')
    const command = StartCommand.script({ DATA_DIR: data })
    expect(await command.ended).toBe(1)
    expect(command.stderr).toMatch(
      /^parley cannot start: the data folder .* cannot be written: [^\n]*\n$/,
    )
    expect(command.stderr).toContain(data)
  })

  test('a service that dies is started again, and the terminal says so', async () => {
    const { folder, data, start } = await setup()
    const command = start()
    await command.up()
    const relays = () => processesOf(path.join(data, 'relay'))
    const [relay] = relays()
    process.kill(relay!, 'SIGKILL')
    await eventually(() => command.stdout.includes('relay is up again'), { timeoutMs: 30_000 })
    expect(command.stdout).toContain('parley: relay ended (SIGKILL)')
    expect(relays()).not.toContain(relay)
    await chatWorks(command.relay(), folder)
  })

  test('when it is killed with -9 itself, no child outlives it', async () => {
    const { data, start } = await setup()
    const command = start()
    await command.up()
    command.kill('SIGKILL')
    await nobodyIsLeft(data)
  })

  test('Ctrl-C while it starts stops what was started', async () => {
    const { data, start } = await setup()
    const command = start()
    await eventually(() => processesOf(path.join(data, 'relay')).length > 0, { timeoutMs: 30_000 })
    command.signalGroup('SIGINT')
    expect(await command.ended).toBe(0)
    await nobodyIsLeft(data)
  })

  test('without a nats-server it says so in one line and runs everything in one process', async () => {
    const { data, folder, start } = await setup()
    const command = start({ NATS_SERVER_FOLDER: folder })
    await command.up()
    const lines = command.stdout.split('\n').filter((line) => line.includes('nats-server'))
    expect(lines).toEqual([expect.stringContaining('all services run in this one process')])
    await chatWorks(command.relay(), folder)
    expect(processesOf(data)).toEqual([command.pid])
    command.signalGroup('SIGINT')
    expect(await command.ended).toBe(0)
    expect(processesOf(data)).toEqual([])
  })
})

describe('a second relay', () => {
  test('on one data folder fails in one clear line and leaves the first alone', async () => {
    const { data, folder, start } = await setup()
    const command = start()
    await command.up()
    const second = spawn(process.execPath, ['apps/relay/src/main.ts'], {
      cwd: path.resolve(import.meta.dirname, '../..'),
      env: { ...process.env, PORT: '0', INTERNAL_PORT: '0', DATA_DIR: path.join(data, 'relay') },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    second.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
    expect((await once(second, 'close'))[0]).toBe(78)
    expect(stderr).toMatch(
      /^relay cannot start: [^\n]*in use by process \d+[^\n]*\(FOLDER_IN_USE\)\n$/,
    )
    await chatWorks(command.relay(), folder)
  })
})
