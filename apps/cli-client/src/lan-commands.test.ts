import { openHome } from '@parley/client'
import { eventually, freePort } from '@parley/testkit'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TestContext } from 'vitest'
import { freeUdpPort } from './testing/lan-world.ts'
import { endOf, runParley, startParley } from './testing/run-parley.ts'

const patience = { timeoutMs: 60_000, everyMs: 50 }
const bobsId = '01900000-0000-7000-8000-00000000000b'

type Line = Record<string, unknown>

// Homes of people in one network: the loopback, at a port of its own.
async function setup({ onTestFinished }: TestContext) {
  const port = await freeUdpPort(onTestFinished)
  const server = `127.0.0.1:${await freePort()}`
  return async (name: string) => {
    const home = await mkdtemp(join(tmpdir(), 'parley-lan-'))
    onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }))
    const env = {
      PARLEY_HOME: home,
      PARLEY_SERVER: server,
      PARLEY_LAN_ADDRESSES: '127.0.0.1',
      PARLEY_LAN_PORT: String(port),
    }
    const run = (...args: string[]) => runParley(env, ['lan', ...args, '--json'])
    const start = (...args: string[]) => {
      const command = started(env, ['lan', ...args, '--name', name])
      onTestFinished(() => void command.child.kill('SIGKILL'))
      return command
    }
    return { home, env, name, run, start }
  }
}

function started(env: Readonly<Record<string, string>>, args: string[]) {
  const child = startParley(env, args)
  let out = ''
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  const ended = endOf(child)
  const lines = () =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line)
  return { child, ended, out: () => out, lines }
}

function saidTo(lines: readonly Line[]) {
  return lines
    .filter(({ type }) => type === 'lan-message')
    .map(({ name, text }) => `${String(name)}: ${String(text)}`)
}

// At once, each at a port of its own: most of it is waiting for announcements.
describe.concurrent('parley lan', () => {
  test('lists who is here, says something to them, and they see from whom', async (context) => {
    const person = await setup(context)
    const [ann, bob] = [await person('ann'), await person('bob')]
    const watch = ann.start('watch', '--json')
    const listed = await eventually(async () => {
      const { lines } = await bob.run('list', '--seconds', '3')
      expect(lines).toMatchObject([{ type: 'lan-peer', name: 'ann', standing: 'new' }])
      return lines
    }, patience)
    const said = await bob.run('say', 'ann', 'hello', '\u001B[31mthere', '--name', 'bob')
    expect(said).toMatchObject({
      code: 0,
      lines: [{ type: 'lan-said', name: 'ann', stored: false }],
    })
    await eventually(() => saidTo(watch.lines()).length === 1, patience)
    const [message] = watch.lines().filter(({ type }) => type === 'lan-message')
    expect(message).toMatchObject({
      name: 'bob',
      text: 'hello \u001B[31mthere',
      standing: 'new',
      stored: false,
      messageId: said.lines[0]?.['messageId'],
    })
    // Bob only listened and spoke: nobody was told that he is here.
    expect(watch.lines().filter(({ type }) => type === 'lan-peer')).toEqual([])

    const fingerprint = String(listed[0]?.['fingerprint'])
    expect(await bob.run('trust', fingerprint)).toMatchObject({
      code: 0,
      lines: [{ type: 'lan-trusted', name: 'ann', fingerprint }],
    })
    await eventually(async () => {
      expect((await bob.run('list')).lines).toMatchObject([{ standing: 'trusted' }])
    }, patience)
    expect(await bob.run('forget', fingerprint)).toMatchObject({ code: 0 })
    expect(await bob.run('forget', fingerprint)).toMatchObject({ code: 1 })
    watch.child.kill('SIGINT')
    expect(await watch.ended).toMatchObject({ code: 0, err: '' })
  }, 120_000)

  test('chats both ways in the words of people, and nothing moves the terminal', async (context) => {
    const person = await setup(context)
    const [ann, bob] = [await person('ann'), await person('bob')]
    const atAnn = ann.start('chat')
    await eventually(() => expect(atAnn.out()).toContain('/to NAME'), patience)
    const atBob = bob.start('chat', 'ann')
    await eventually(() => expect(atBob.out()).toContain('talking to ann'), patience)
    atBob.child.stdin.write('hello \u001B[2J ann\n')
    await eventually(() => expect(atAnn.out()).toContain('hello ␛[2J ann  (not stored)'), patience)
    expect(atAnn.out()).toMatch(/bob \([0-9a-z-]{29}, new here\): hello/)
    expect(atAnn.out()).not.toContain('\u001B')
    await eventually(() => expect(atBob.out()).toContain('(shown to ann, not stored)'), patience)
    atAnn.child.stdin.write('/to bob\n')
    await eventually(() => expect(atAnn.out()).toContain('talking to bob'), patience)
    atAnn.child.stdin.write('/who\n//quit is a word\n/quit\n')
    expect(await atAnn.ended).toMatchObject({ code: 0, err: '' })
    await eventually(() => expect(atBob.out()).toContain('/quit is a word  (not stored)'), patience)
    await eventually(() => expect(atBob.out()).toContain('left'), patience)
    atBob.child.stdin.end()
    expect(await atBob.ended).toMatchObject({ code: 0, err: '' })
  }, 120_000)

  test('warns of another key under a known name, and says nothing to it by that name', async (context) => {
    const person = await setup(context)
    const [ann, eve, bob] = [await person('ann'), await person('ann'), await person('bob')]
    const first = ann.start('watch', '--json')
    await eventually(async () => {
      expect(await bob.run('say', 'ann', 'hello')).toMatchObject({ code: 0 })
    }, patience)
    first.child.kill('SIGINT')
    await first.ended
    const second = eve.start('watch', '--json')
    const refused = await eventually(async () => {
      const ended = await bob.run('say', 'ann', 'a secret')
      expect(ended.err).toContain('PEER_CHANGED')
      return ended
    }, patience)
    expect(refused.code).toBe(1)
    await eventually(async () => {
      const { lines } = await bob.run('list')
      expect(lines).toMatchObject([{ name: 'ann', standing: 'changed' }])
    }, patience)
    expect(saidTo(second.lines())).toEqual([])
  }, 120_000)

  test('says what is wrong with what it was given', async (context) => {
    const person = await setup(context)
    const ann = await person('ann')
    expect(await ann.run('say', 'nobody', 'x')).toMatchObject({ code: 1 })
    expect(await ann.run('trust', 'ann')).toMatchObject({ code: 2 })
    expect(await ann.run('list', '--seconds', '61')).toMatchObject({ code: 2 })
    expect(await ann.run('say', 'x', 'y', '--name', ' ')).toMatchObject({ code: 2 })
    const nowhere = { ...ann.env, PARLEY_LAN_ADDRESSES: '192.0.2.1' }
    expect(await runParley(nowhere, ['lan', 'list'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('NO_NETWORK') as string,
    })
    for (const [name, value] of [
      ['PARLEY_LAN_ADDRESSES', 'lo'],
      ['PARLEY_LAN_PORT', '70000'],
    ]) {
      const env = { ...ann.env, [name!]: value! }
      expect(await runParley(env, ['lan', 'list'])).toMatchObject({ code: 2 })
    }
  }, 120_000)

  test('leaves what was said to a contact in the outbox for the relay, under the same id', async (context) => {
    const person = await setup(context)
    const [ann, bob] = [await person('ann'), await person('bob')]
    const state = await openHome(ann.home)
    const userId = '01900000-0000-7000-8000-00000000000a'
    state.saveLogin({
      userId,
      userName: 'ann',
      deviceId: '01900000-0000-7000-8000-00000000000d',
      accessToken: 'token',
      accessExpiresAtMs: Date.now() + 600_000,
      refreshToken: 'refresh',
    })
    state.close()
    // As if ann had named bob while the relay was there.
    await writeFile(join(ann.home, `names-${userId}.json`), JSON.stringify({ '@bob': bobsId }))
    const watch = bob.start('watch', '--json')
    const { lines } = await eventually(async () => {
      const listed = await ann.run('list')
      expect(listed.lines).toHaveLength(1)
      return listed
    }, patience)
    const trusted = await ann.run('trust', String(lines[0]?.['fingerprint']), '--as', '@bob')
    expect(trusted).toMatchObject({ code: 0, lines: [{ userId: bobsId }] })
    const said = await ann.run('say', 'bob', 'later too')
    const messageId = said.lines[0]?.['messageId']
    expect(said).toMatchObject({
      code: 0,
      lines: [{ type: 'lan-said' }, { type: 'queued', messageId }],
    })
    expect((await runParley(ann.env, ['outbox', '--json'])).lines).toMatchObject([
      { messageId, userId: bobsId, content: { kind: 'text', text: 'later too' } },
    ])
    await eventually(() => expect(saidTo(watch.lines())).toEqual(['ann: later too']), patience)
  }, 120_000)
})
