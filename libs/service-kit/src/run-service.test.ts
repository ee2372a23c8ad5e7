import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'

const fixture = (name: string) => join(import.meta.dirname, `${name}.fixture.ts`)

// A real process, because signals, exit codes and stdout are what is promised.
function start(mode: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [fixture('service')], {
    env: { ...process.env, MODE: mode, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const closed = once(child, 'close') as Promise<[number | null, string | null]>
  const exitCode = async () => (await closed)[0]
  const ready = () => eventually(() => output.stdout.includes('\n'))
  return { child, output, exitCode, ready }
}

describe('a service that runs', () => {
  test('says it is ready in the only line of stdout and logs JSON on stderr', async () => {
    const { child, output, exitCode, ready } = start('good')
    await ready()
    child.kill('SIGTERM')
    expect(await exitCode()).toBe(0)
    expect(output.stdout).toBe(
      '{"ready":true,"service":"fixture","addresses":{"public":"127.0.0.1:1"}}\n',
    )
    const lines = output.stderr.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'stopping',
      'stopped',
    ])
  })

  test('makes files that only its owner can read, those of libraries too', async () => {
    const folder = await tempFolder()
    const { ready } = start('good', { LOCKED: folder })
    await ready()
    for (const name of await readdir(folder)) {
      expect([name, (await stat(join(folder, name))).mode & 0o077]).toEqual([name, 0])
    }
    expect(await readdir(folder)).toContain('lock.db')
  })

  test('stops cleanly when the interrupt comes twice', async () => {
    const { child, exitCode, ready } = start('good')
    await ready()
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect(await exitCode()).toBe(0)
  })

  test('ends anyway when stopping takes too long', async () => {
    const { child, output, exitCode, ready } = start('slow-stop')
    await ready()
    child.kill('SIGTERM')
    expect(await exitCode()).toBe(1)
    expect(output.stderr).toContain('did not stop in time')
  })

  test('tells of a stop that failed', async () => {
    const { child, output, exitCode, ready } = start('bad-stop')
    await ready()
    child.kill('SIGTERM')
    expect(await exitCode()).toBe(1)
    expect(output.stderr).toContain('stuck')
  })

  test.each([
    ['late', 'a late bug'],
    ['rejects', 'forgotten'],
  ])('dies loudly of what nobody caught (%s)', async (mode, text) => {
    const { output, exitCode } = start(mode)
    expect(await exitCode()).toBe(70)
    expect(output.stderr).toContain(text)
  })

  test('does not outlive a parent that is killed with -9', async () => {
    const parent = spawn(process.execPath, [fixture('parent')], {
      env: { ...process.env, MODE: 'good', PARLEY_PARENT_WATCH: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let stdout = ''
    parent.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    await eventually(() => stdout.includes('"ready":true'))
    const pid = Number(/^\d+$/m.exec(stdout)?.[0])
    onTestFinished(() => stopIfAlive(pid))
    const bothGone = once(parent.stdout, 'close')
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    expect(isAlive(pid)).toBe(true)
    await bothGone
  })
})

describe('a service that cannot start', () => {
  test('tells a wrong environment in words, with a code that says not to repeat', async () => {
    const { output, exitCode } = start('nonsense')
    expect(await exitCode()).toBe(78)
    expect(output.stderr).toMatch(/^fixture cannot start: .*\n {2}MODE: .*\(CONFIG_INVALID\)\n$/)
    expect(output.stdout).toBe('')
  })

  test('tells a refusal in one line', async () => {
    const { output, exitCode } = start('refused')
    expect(await exitCode()).toBe(78)
    expect(output.stderr).toBe('fixture cannot start: the folder is taken (FOLDER_IN_USE)\n')
  })

  test('may be started again when what it needs was only away', async () => {
    const { exitCode } = start('away')
    expect(await exitCode()).toBe(70)
  })

  test('logs a bug with its stack', async () => {
    const { output, exitCode } = start('broken')
    expect(await exitCode()).toBe(70)
    const line = JSON.parse(output.stderr) as { err: { stack: string }; msg: string }
    expect(line.msg).toBe('service could not start')
    expect(line.err.stack).toContain('service.fixture.ts')
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function stopIfAlive(pid: number): void {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL')
}
