import { eventually, freePort } from '@parley/testkit'
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

// The fingerprint of the one other who is here.
function otherIn(env: Readonly<Record<string, string>>): Promise<string> {
  return eventually(async () => {
    const { lines } = await runParley(env, ['lan', 'list', '--json'])
    expect(lines).toHaveLength(1)
    return String(lines[0]?.['fingerprint'])
  }, patience)
}

test('what was said without a relay is stored when it is there again, and not shown twice', async () => {
  const { alice, bob } = people
  const lan = { PARLEY_LAN_ADDRESSES: '127.0.0.1', PARLEY_LAN_PORT: String(await freeUdpPort()) }
  const inLan = ({ env }: Person) => ({ ...env, ...lan })
  const away = { ...inLan(alice), PARLEY_SERVER: `127.0.0.1:${await freePort()}` }

  // Each has compared the other's fingerprint, and knows whose account it is.
  const first = printing(away, 'lan', 'watch')
  const tied = ['lan', 'trust', await otherIn(inLan(bob)), '--as', '@alice']
  expect(await runParley(inLan(bob), tied)).toMatchObject({ code: 0 })
  await first.stop()
  const atBob = printing(inLan(bob), 'lan', 'watch')
  const tying = ['lan', 'trust', await otherIn(inLan(alice)), '--as', '@bob']
  expect(await runParley(inLan(alice), tying)).toMatchObject({ code: 0 })

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
