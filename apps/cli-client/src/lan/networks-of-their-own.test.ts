import { eventually, tempFolder } from '@parley/testkit'
import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { currentEnv } from '../config.ts'

const patience = { timeoutMs: 60_000, everyMs: 100 }
const script = join(import.meta.dirname, '../../bin/parley.js')
const isSkipped = !canMakeNetworks()

if (isSkipped) {
  process.stderr.write(
    '\nSKIPPED: LAN mode between machines: it needs root and network namespaces (Debian: iproute2)\n',
  )
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' })
}

function canMakeNetworks(): boolean {
  const name = `parley-try-${process.pid}`
  try {
    ip('netns', 'add', name)
    ip('-n', name, 'link', 'add', 'bridge', 'type', 'bridge')
    ip('-n', name, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other')
    return true
  } catch {
    return false
  } finally {
    remove(name)
  }
}

function remove(machine: string): void {
  try {
    ip('netns', 'del', machine)
  } catch {
    // It was never there.
  }
}

// Machines on one cable, each with the same network and its own addresses.
function machines(count: 2 | 3): string[] {
  const names = ['a', 'b', 'c'].slice(0, count).map((letter) => `parley-${process.pid}-${letter}`)
  const hub = `parley-${process.pid}-hub`
  const all = [...names, hub]
  onTestFinished(() => {
    for (const name of all) remove(name)
  })
  for (const name of all) ip('netns', 'add', name)
  ip('-n', hub, 'link', 'add', 'bridge', 'type', 'bridge')
  ip('-n', hub, 'link', 'set', 'bridge', 'up')
  for (const [nth, name] of names.entries()) {
    ip(
      'link',
      'add',
      'eth',
      'netns',
      name,
      'type',
      'veth',
      'peer',
      'name',
      `port${nth}`,
      'netns',
      hub,
    )
    ip('-n', hub, 'link', 'set', `port${nth}`, 'master', 'bridge', 'up')
    ip('-n', name, 'addr', 'add', `10.77.0.${nth + 1}/24`, 'brd', '+', 'dev', 'eth')
    ip('-n', name, 'link', 'set', 'eth', 'up')
    ip('-n', name, 'link', 'set', 'lo', 'up')
  }
  return names
}

function parleyIn(machine: string, home: string, args: readonly string[]) {
  const env = { PATH: currentEnv()['PATH'], PARLEY_HOME: home }
  const command = ['netns', 'exec', machine, process.execPath, script, 'lan', ...args, '--json']
  const child = spawn('ip', command, { env })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, ended, out: () => out }
}

describe.skipIf(isSkipped)('machines on one cable', () => {
  test('see each other and talk, with nothing configured', async () => {
    const [a, b, c] = machines(3) as [string, string, string]
    const [ann, bob, cat] = await Promise.all([tempFolder(), tempFolder(), tempFolder()])
    const atAnn = parleyIn(a, ann, ['watch', '--name', 'ann'])
    const atBob = parleyIn(b, bob, ['watch', '--name', 'bob'])
    await eventually(() => {
      expect(atAnn.out()).toContain('"name":"bob"')
      expect(atBob.out()).toContain('"name":"ann"')
    }, patience)
    expect(atAnn.out()).toContain('"address":"10.77.0.2"')
    await eventually(async () => {
      expect(await parleyIn(c, cat, ['say', 'ann', 'hello', '--name', 'cat']).ended).toBe(0)
    }, patience)
    await eventually(() => expect(atAnn.out()).toContain('"text":"hello"'), patience)
    atBob.child.kill('SIGINT')
    await eventually(() => expect(atAnn.out()).toContain('"lan-peer-left","name":"bob"'), patience)
  }, 120_000)

  test('see each other by broadcast where nobody can join a group', async () => {
    const [a, b] = machines(2) as [string, string]
    for (const machine of [a, b]) {
      const forbid = [
        'netns',
        'exec',
        machine,
        'sh',
        '-c',
        'echo 0 > /proc/sys/net/ipv4/igmp_max_memberships',
      ]
      ip(...forbid)
    }
    const [ann, bob] = await Promise.all([tempFolder(), tempFolder()])
    const atAnn = parleyIn(a, ann, ['watch', '--name', 'ann'])
    parleyIn(b, bob, ['watch', '--name', 'bob'])
    await eventually(() => expect(atAnn.out()).toContain('"name":"bob"'), patience)
  }, 120_000)
})
