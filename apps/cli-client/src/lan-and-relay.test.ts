import { fingerprintOf, openKeyFile } from '@parley/direct'
import { eventually, freePort } from '@parley/testkit'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { freeUdpPort } from './testing/lan-world.ts'
import { endOf, runParley, startParley } from './testing/run-parley.ts'
import { twoFriends } from './testing/people.ts'
import type { People, Person } from './testing/people.ts'

const patience = { timeoutMs: 60_000, everyMs: 50 }

let people: People
beforeAll(async () => {
  people = await twoFriends()
}, 120_000)
afterAll(() => people.end())

function printing(env: Readonly<Record<string, string>>, ...args: string[]) {
  const child = startParley(env, args)
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  const ended = endOf(child)
  const stop = () => {
    child.kill('SIGINT')
    return ended
  }
  return { out: () => out, stop }
}

// As its owner reads it aloud.
async function fingerprintAt({ env }: Person): Promise<string> {
  const { publicKey } = await openKeyFile(join(env['PARLEY_HOME']!, 'device.key'))
  return fingerprintOf(publicKey)
}

test('what was said without a relay is stored when it is there again, and not shown twice', async () => {
  const { alice, bob } = people
  const lan = { PARLEY_LAN_ADDRESSES: '127.0.0.1', PARLEY_LAN_PORT: String(await freeUdpPort()) }
  const inLan = ({ env }: Person) => ({ ...env, ...lan })
  const away = { ...inLan(alice), PARLEY_SERVER: `127.0.0.1:${await freePort()}` }

  // Each has compared the other's fingerprint, and knows whose account it is.
  const first = printing(away, 'lan', 'watch')
  const trustAlice = ['lan', 'trust', await fingerprintAt(alice), '--as', '@alice']
  await eventually(async () => {
    expect(await runParley(inLan(bob), trustAlice)).toMatchObject({ code: 0 })
  }, patience)
  await first.stop()
  const atBob = printing(inLan(bob), 'lan', 'watch')
  const trustBob = ['lan', 'trust', await fingerprintAt(bob), '--as', '@bob']
  await eventually(async () => {
    expect(await runParley(inLan(alice), trustBob)).toMatchObject({ code: 0 })
  }, patience)

  const said = await eventually(async () => {
    const ended = await runParley(away, ['lan', 'say', 'bob', 'without a relay', '--json'])
    expect(ended).toMatchObject({ code: 0, lines: [{ type: 'lan-said' }, { type: 'queued' }] })
    return ended
  }, patience)
  const shown = 'alice: without a relay  (not stored)'
  await eventually(() => expect(atBob.out()).toContain(shown), patience)

  const watching = printing(bob.env, 'watch')
  const messageId = said.lines[0]?.['messageId']
  expect(await alice.does('outbox', 'retry')).toMatchObject([{ type: 'sent', messageId }])
  await alice.does('send', '@bob', 'with a relay')
  await eventually(() => expect(watching.out()).toContain('with a relay'), patience)
  expect(watching.out()).not.toContain('without a relay')
  expect(await bob.does('history', '@alice')).toMatchObject([
    { messageId, content: { text: 'without a relay' } },
    { content: { text: 'with a relay' } },
  ])
  await watching.stop()
  await atBob.stop()
}, 180_000)
