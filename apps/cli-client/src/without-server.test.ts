import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openHome } from '@parley/client'
import { freePort, tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { parleyCatalog } from './parley-catalog.ts'
import { endOf, runParley, startParley } from './testing/run-parley.ts'

const tea = '01900000-0000-7000-8000-000000000001'
const me = '01900000-0000-7000-8000-00000000000a'

// A device that is logged in, and a server that is away.
async function setup() {
  const home = await tempFolder()
  const state = await openHome(home)
  state.saveLogin({
    userId: me,
    userName: 'alice',
    deviceId: '01900000-0000-7000-8000-00000000000d',
    accessToken: 'token',
    accessExpiresAtMs: Date.now() + 600_000,
    refreshToken: 'refresh',
  })
  state.close()
  const env = { PARLEY_HOME: home, PARLEY_SERVER: `127.0.0.1:${await freePort()}` }
  return { env, run: (...args: string[]) => runParley(env, args) }
}

describe('parley without a server', () => {
  test('a message waits in the outbox, can be seen there and forgotten', async () => {
    const { run } = await setup()
    const sent = await run('send', tea, 'hello', 'there', '--json')
    expect(sent).toMatchObject({ code: 3, lines: [{ type: 'queued' }] })
    expect(sent.err).toContain('waits in the outbox')
    const messageId = String(sent.lines[0]?.['messageId'])

    const listed = await run('outbox', '--json')
    expect(listed).toMatchObject({ code: 0 })
    expect(listed.lines).toMatchObject([
      {
        type: 'outbox',
        messageId,
        conversationId: tea,
        content: { kind: 'text', text: 'hello there' },
      },
    ])
    expect(await run('outbox', 'retry')).toMatchObject({ code: 3 })

    expect(await run('outbox', 'cancel', messageId)).toMatchObject({ code: 0 })
    expect(await run('outbox', 'cancel', messageId)).toMatchObject({ code: 1 })
    expect(await run('outbox', '--json')).toMatchObject({ code: 0, lines: [] })
  }, 60_000)

  test('whoami needs none', async () => {
    const { run } = await setup()
    const who = await run('whoami', '--json')
    expect(who).toMatchObject({
      code: 0,
      lines: [{ type: 'whoami', userName: 'alice', userId: me }],
    })
  })

  test('a question ends with 3 and says why', async () => {
    const { run } = await setup()
    expect(await run('inbox')).toMatchObject({ code: 3, out: '', err: expect.stringMatching(/./) })
    expect(await run('send', '@bob', 'hi')).toMatchObject({ code: 3, out: '' })
  }, 60_000)
})

describe('parley', () => {
  test('says that its local state is damaged, whatever part of it', async () => {
    const { env, run } = await setup()
    const file = join(env.PARLEY_HOME, 'state.db')
    const bytes = await readFile(file)
    const failure = { type: 'error', reason: 'STATE_UNREADABLE' }
    for (const from of [4096, 0]) {
      await writeFile(file, Buffer.concat([bytes.subarray(0, from), randomBytes(bytes.length)]))
      const ended = await run('whoami', '--json')
      expect(ended.code).toBe(1)
      expect(JSON.parse(ended.err)).toMatchObject(failure)
      expect(ended.err).toContain('move it away and log in again')
    }
  })

  test('says that nobody is logged in', async () => {
    const ended = await runParley({ PARLEY_HOME: await tempFolder() }, ['inbox', '--json'])
    expect(ended.code).toBe(1)
    expect(JSON.parse(ended.err)).toMatchObject({ type: 'error', reason: 'LOGGED_OUT' })
  })

  test.each([
    ['a target that is none', ['send', 'bob', 'hi']],
    ['a sequence number that is none', ['recall', tea, 'x']],
    ['an id that is none', ['outbox', 'cancel', 'x']],
    ['a role that is none', ['groups', 'role', 'Tea', 'bob', 'king']],
  ])('%s is wrong usage', async (_note, args) => {
    const { run } = await setup()
    const ended = await run(...args)
    expect(ended.err).toContain('parley: USAGE')
    expect(ended).toMatchObject({ code: 2, out: '' })
  })

  test('a password that cannot be asked for is wrong usage', async () => {
    const ended = await runParley({ PARLEY_HOME: await tempFolder() }, ['login', 'alice'])
    expect(ended).toMatchObject({ code: 2, err: expect.stringContaining('PARLEY_PASSWORD') })
  })

  test('a server address that is none is wrong usage', async () => {
    const ended = await runParley({ PARLEY_SERVER: 'nowhere' }, ['whoami'])
    expect(ended).toMatchObject({ code: 2, err: expect.stringContaining('PARLEY_SERVER') })
  })

  test.each(parleyCatalog.map(({ name }) => name))('%s --help shows an example', async (name) => {
    const ended = await runParley({ PARLEY_HOME: '/nonexistent' }, [name, '--help'])
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(ended.out).toContain(`Example:\n  parley ${name}`)
  })

  test('a reader that leaves early is no failure', async () => {
    const child = startParley({ PARLEY_HOME: await tempFolder() }, ['--help'])
    child.stdout.destroy()
    child.stdin.end()
    expect(await endOf(child)).toMatchObject({ code: 0, err: '' })
  })

  test('on a Node that cannot run it, it starts again on one that can', async () => {
    const script = join(import.meta.dirname, '../bin/parley.js')
    const args = ['--no-experimental-strip-types', script, 'sned']
    const child = spawn(process.execPath, args, { env: { PATH: process.env['PATH'] } })
    child.stdin.end()
    const ended = await endOf(child)
    expect(ended).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean send') })
  })
})
