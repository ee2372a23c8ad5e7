import Sqlite from 'better-sqlite3'
import { chmod, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fork } from 'node:child_process'
import { chat } from '@parley/proto'
import { tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { openHome } from './home.ts'
import { maxOutboxMessages, maxStoredEntries, maxTransferRecords } from './local-state.ts'
import type { LocalState, Login, OutboxMessage } from './local-state.ts'
import { MemoryState } from './memory-state.ts'

const alice: Login = {
  userId: 'user-a',
  userName: 'Alice',
  deviceId: 'device-a',
  accessToken: 'access',
  accessExpiresAtMs: 1_000,
  refreshToken: 'refresh',
}

const view = { conversationId: 'c1', kind: 1, title: '', peerId: 'p', peerName: 'Bob' } as const

const adapters: [string, () => Promise<LocalState>][] = [
  ['memory', () => Promise.resolve(new MemoryState())],
  ['sqlite', async () => openHome(await tempFolder())],
]

function body(text: string): Uint8Array {
  return Buffer.from(text)
}

function spoken(text: string): Uint8Array {
  const content = { content: { $case: 'text' as const, value: { text } } }
  return chat.Entry.encode(chat.Entry.fromPartial({ senderName: 'bob', content })).finish()
}

function message(messageId: string): OutboxMessage {
  return { messageId, command: body(messageId), createdAtMs: 5 }
}

function claim(owner: string, nowMs = 0, untilMs = 100) {
  return { owner, nowMs, untilMs }
}

describe.each(adapters)('local state in %s', (_name, open) => {
  test('keeps the login and remembers the device of a name in any case', async () => {
    const state = await open()
    expect(state.login()).toBeUndefined()
    state.saveLogin(alice)
    expect(state.login()).toEqual(alice)
    state.saveLogin(undefined)
    expect(state.login()).toBeUndefined()
    expect(state.knownDevice('ALICE')).toBe('device-a')
    expect(state.knownDevice('bob')).toBeUndefined()
    state.close()
  })

  test('appends a dense run and refuses one that leaves a hole or repeats', async () => {
    const account = (await open()).account('user-a')
    account.commit([
      { kind: 'describe', conversation: view, epoch: 3 },
      { kind: 'append', conversationId: 'c1', firstSeq: 1, bodies: [body('a'), body('b')] },
    ])
    const append = (firstSeq: number) =>
      account.commit([{ kind: 'append', conversationId: 'c1', firstSeq, bodies: [body('x')] }])
    expect(() => append(4)).toThrow(expect.objectContaining({ reason: 'LOG_MOVED' }))
    expect(() => append(2)).toThrow(expect.objectContaining({ reason: 'LOG_MOVED' }))
    expect(account.conversations()).toEqual([{ ...view, epoch: 3, seq: 2 }])
    expect(account.entries('c1', 1, 10).map((one) => [one.seq, String(one.body)])).toEqual([
      [2, 'b'],
    ])
  })

  test('skips, erases, describes anew and rewinds', async () => {
    const account = (await open()).account('user-a')
    account.commit([
      { kind: 'describe', conversation: view, epoch: 1 },
      { kind: 'skip', conversationId: 'c1', seq: 7 },
      { kind: 'append', conversationId: 'c1', firstSeq: 8, bodies: [spoken('hello')] },
      { kind: 'erase', conversationId: 'c1', seq: 8 },
      { kind: 'erase', conversationId: 'c1', seq: 3 },
      { kind: 'describe', conversation: { ...view, title: 'new' }, epoch: 1 },
    ])
    const erased = chat.Entry.decode(account.entries('c1', 0, 9)[0]!.body)
    expect(erased).toMatchObject({ senderName: 'bob', content: { content: { $case: 'erased' } } })
    expect(account.conversations()).toMatchObject([{ seq: 8, title: 'new' }])
    account.commit([{ kind: 'rewind', conversationId: 'c1', epoch: 2 }])
    expect(account.conversations()).toMatchObject([{ seq: 0, epoch: 2 }])
    expect(account.entries('c1', 0, 9)).toEqual([])
  })

  test('knows what was stored but not shown, also over numbers that never came', async () => {
    const account = (await open()).account('user-a')
    account.commit([
      { kind: 'describe', conversation: view, epoch: 1 },
      { kind: 'append', conversationId: 'c1', firstSeq: 1, bodies: [body('a'), body('b')] },
    ])
    expect(account.unshown()).toEqual([{ conversationId: 'c1', afterSeq: 0 }])
    account.commit([{ kind: 'shown', conversationId: 'c1', seq: 1 }])
    account.commit([{ kind: 'shown', conversationId: 'c1', seq: 1 }])
    expect(account.unshown()).toEqual([{ conversationId: 'c1', afterSeq: 1 }])
    account.commit([
      { kind: 'skip', conversationId: 'c1', seq: 7 },
      { kind: 'append', conversationId: 'c1', firstSeq: 8, bodies: [body('c')] },
      // More than is stored: an earlier epoch had it.
      { kind: 'shown', conversationId: 'c1', seq: 100 },
    ])
    expect(account.unshown()).toEqual([])
    account.commit([
      { kind: 'append', conversationId: 'c1', firstSeq: 9, bodies: [body('d')] },
      { kind: 'shown', conversationId: 'c1', seq: 3 },
    ])
    expect(account.unshown()).toEqual([{ conversationId: 'c1', afterSeq: 8 }])
    account.commit([{ kind: 'rewind', conversationId: 'c1', epoch: 2 }])
    expect(account.unshown()).toEqual([])
  })

  test('keeps the newest entries of a conversation only', async () => {
    const account = (await open()).account('user-a')
    account.commit([{ kind: 'describe', conversation: view, epoch: 1 }])
    const bodies = Array.from({ length: 1_024 }, () => body('x'))
    for (let firstSeq = 1; firstSeq <= maxStoredEntries + 2_048; firstSeq += bodies.length) {
      account.commit([{ kind: 'append', conversationId: 'c1', firstSeq, bodies }])
    }
    const { seq } = account.conversations()[0]!
    const [oldest] = account.entries('c1', 0, 1)
    expect(oldest?.seq).toBe(seq - maxStoredEntries + 1)
  })

  test('hands waiting messages to one owner at a time, in order', async () => {
    const account = (await open()).account('user-a')
    account.enqueue([message('m1'), message('m2')], claim('one'))
    expect(account.claim(claim('two', 50))).toEqual([])
    const taken = account.claim(claim('two', 101, 200))
    expect(taken.map((row) => row.messageId)).toEqual(['m1', 'm2'])
    account.renew(claim('two', 150, 300))
    expect(account.claim(claim('three', 250, 400))).toEqual([])
    account.release('two')
    expect(account.outbox(150).map((row) => row.claimed)).toEqual([false, false])
    expect(account.claim(claim('three', 150, 300))).toHaveLength(2)
  })

  test('lets answered messages go and keeps refusals that nobody heard', async () => {
    const account = (await open()).account('user-a')
    account.enqueue([message('m1'), message('m2'), message('m3')], claim('one'))
    account.commit([
      { kind: 'settle', messageId: 'm1' },
      { kind: 'refuse', messageId: 'm2', reason: 'BLOCKED', message: 'no' },
    ])
    expect(account.outbox(0)).toMatchObject([
      { messageId: 'm2', refusedReason: 'BLOCKED', refusedMessage: 'no', claimed: false },
      { messageId: 'm3', refusedReason: '', claimed: true },
    ])
    expect(account.claim(claim('two', 500, 600)).map((row) => row.messageId)).toEqual(['m3'])
    expect(account.cancel('m2')).toBe(true)
    expect(account.cancel('m2')).toBe(false)
  })

  test('takes no message beyond the bound of the outbox', async () => {
    const account = (await open()).account('user-a')
    const many = Array.from({ length: maxOutboxMessages }, (_, index) => message(`m${index}`))
    account.enqueue(many, claim('one'))
    const more = () => account.enqueue([message('last')], claim('one'))
    expect(more).toThrow(expect.objectContaining({ reason: 'OUTBOX_FULL' }))
    expect(account.outbox(0)).toHaveLength(maxOutboxMessages)
  })

  test('keeps the accounts of several users apart', async () => {
    const state = await open()
    state.account('user-a').enqueue([message('m1')], claim('one'))
    state.account('user-a').commit([{ kind: 'describe', conversation: view, epoch: 1 }])
    expect(state.account('user-b').outbox(0)).toEqual([])
    expect(state.account('user-b').conversations()).toEqual([])
    expect(state.account('user-b').claim(claim('two', 999))).toEqual([])
  })

  test('remembers interrupted transfers and forgets the oldest beyond the bound', async () => {
    const state = await open()
    for (let index = 0; index <= maxTransferRecords; index += 1) {
      state.saveTransfer(`k${index}`, { url: `u${index}`, etag: '' }, index)
    }
    expect(state.transfer('k0')).toBeUndefined()
    expect(state.transfer('k1')).toEqual({ url: 'u1', etag: '' })
    state.dropTransfer('k1')
    expect(state.transfer('k1')).toBeUndefined()
  })

  test('gives each lock to one holder until it is released', async () => {
    const state = await open()
    const lock = state.tryLock('session')
    expect(lock).toBeDefined()
    expect(state.tryLock('session')).toBeUndefined()
    state.tryLock('refresh')?.release()
    expect(state.tryLock('session')).toBeUndefined()
    lock?.release()
    const again = state.tryLock('session')
    expect(again).toBeDefined()
    again?.release()
  })
})

describe('a home', () => {
  test('is readable by its owner only, and so is every file in it', async () => {
    const folder = join(await tempFolder(), 'home')
    const state = await openHome(folder)
    state.saveLogin(alice)
    state.tryLock('session')?.release()
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    for (const name of await readdir(folder)) {
      expect([name, (await stat(join(folder, name))).mode & 0o077]).toEqual([name, 0])
    }
    state.close()
  })

  test('of the first version is taken over, and what it has counts as shown', async () => {
    const folder = await tempFolder()
    const first = await openHome(folder)
    first.account('user-a').commit([
      { kind: 'describe', conversation: view, epoch: 1 },
      { kind: 'append', conversationId: 'c1', firstSeq: 1, bodies: [body('a')] },
    ])
    first.close()
    const db = new Sqlite(join(folder, 'state.db'))
    db.exec('ALTER TABLE conversation DROP COLUMN shown')
    db.pragma('user_version = 1')
    db.close()
    const second = await openHome(folder)
    expect(second.account('user-a').conversations()).toMatchObject([{ seq: 1 }])
    expect(second.account('user-a').unshown()).toEqual([])
    second.close()
  })

  test('is as it was after it was closed and opened again', async () => {
    const folder = await tempFolder()
    const first = await openHome(folder)
    first.saveLogin(alice)
    first.account('user-a').enqueue([message('m1')], claim('one'))
    first.close()
    const second = await openHome(folder)
    expect(second.login()).toEqual(alice)
    expect(second.account('user-a').outbox(0)).toHaveLength(1)
    second.close()
  })

  test('takes a lock back from a process that was killed', async () => {
    const folder = await tempFolder()
    const state = await openHome(folder)
    const child = fork(join(import.meta.dirname, '../testing/hold-lock.ts'), [folder])
    await new Promise((resolve) => child.once('message', resolve))
    expect(state.tryLock('session')).toBeUndefined()
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    const lock = state.tryLock('session')
    expect(lock).toBeDefined()
    lock?.release()
    state.close()
  })

  test('names a folder that is a file', async () => {
    const folder = await tempFolder()
    await chmod(folder, 0o700)
    const opening = openHome(join(import.meta.filename))
    await expect(opening).rejects.toMatchObject({ reason: 'FOLDER_NOT_WRITABLE' })
  })
})
