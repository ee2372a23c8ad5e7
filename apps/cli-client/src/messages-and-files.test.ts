import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { openHome } from '@parley/client'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onePixel } from './testing/made-files.ts'
import { befriend, twoFriends } from './testing/people.ts'
import type { People, Person, World } from './testing/people.ts'
import { endOf, runParley } from './testing/run-parley.ts'
import type { Ended } from './testing/run-parley.ts'

let people: People
let world: World
let folder: string
let alice: Person
let bob: Person

beforeAll(async () => {
  people = await twoFriends()
  ;({ world, folder, alice, bob } = people)
  // Strangers may send each other three texts only.
  for (const one of [alice, bob]) await befriend(one, people.carol)
}, 120_000)

afterAll(() => people?.end(), 60_000)

const limitMs = 120_000

/** The numbers of the direct messages that a watch has shown. */
function numbersOf({ out }: { readonly out: string }): number[] {
  const whole = out.split('\n').slice(0, -1)
  const shown = whole.map((line) => JSON.parse(line) as Record<string, unknown>)
  const entries = shown.filter(
    ({ type, conversation }) => type === 'entry' && isDirect(conversation),
  )
  return entries.map(({ seq }) => Number(seq))
}

/** Watches until that was shown, then leaves in order. */
async function watchUntil(who: Person, words: string): Promise<Ended> {
  const watch = who.start('watch')
  const ended = endOf(watch)
  let seen = ''
  watch.stdout.on('data', (text: string) => (seen += text))
  await eventually(() => seen.includes(words), { timeoutMs: 20_000 })
  watch.kill('SIGINT')
  return ended
}

function isDirect(conversation: unknown): boolean {
  return (conversation as { kind?: string }).kind === 'direct'
}

describe('messages', () => {
  test(
    'are sent, counted, read, answered, changed and taken back',
    async () => {
      const [sent] = await alice.does('send', '@bob', '下午四点喝茶吗', '🍵')
      expect(sent).toMatchObject({ type: 'sent', duplicate: false, seq: expect.any(Number) })
      const conversationId = String(sent?.['conversationId'])
      const seq = Number(sent?.['seq'])
      const row = async (who: Person) =>
        (await who.does('inbox')).find((line) => line['conversationId'] === conversationId)
      expect(await row(bob)).toMatchObject({ unread: 1, conversation: { peerName: 'alice' } })
      expect(await bob.does('read', '@alice', '1000')).toMatchObject([{ seq }])
      await eventually(async () => expect(await row(bob)).toMatchObject({ unread: 0 }))

      await bob.does('send', conversationId, 'Gladly', '--reply', String(seq))
      await alice.does('edit', '@bob', String(seq), 'Tea at five?')
      await alice.does('nudge', '@bob')
      const told = await bob.does('history', '@alice')
      expect(told[0]).toMatchObject({ seq, edited: true, content: { text: 'Tea at five?' } })
      expect(told[1]).toMatchObject({ replyToSeq: seq, content: { text: 'Gladly' } })
      expect(told.at(-1)).toMatchObject({ content: { kind: 'nudge' } })

      await alice.does('recall', '@bob', String(seq))
      const after = await bob.does('history', '@alice')
      expect(after[0]).toMatchObject({ seq, content: { kind: 'erased', why: 'recalled' } })
      expect(await bob.run('edit', '@alice', String(seq), 'mine now')).toMatchObject({ code: 1 })
    },
    limitMs,
  )

  test(
    'wait in the outbox while the relay is away and go out in order after',
    async () => {
      await alice.does('send', '@bob', 'whom alice knows now')
      await world.cluster.kill('relay')
      const waiting = [
        await alice.run('send', '@bob', 'one'),
        await alice.run('send', '@bob', 'two'),
      ]
      expect(waiting.map(({ code }) => code)).toEqual([3, 3])
      expect(await alice.does('outbox')).toHaveLength(2)
      await world.cluster.start('relay')
      expect(await alice.does('outbox', 'retry')).toMatchObject([
        { type: 'sent' },
        { type: 'sent' },
      ])
      const told = await bob.does('history', '@alice', '-n', '2')
      expect(told).toMatchObject([{ content: { text: 'one' } }, { content: { text: 'two' } }])
      expect(await alice.does('outbox')).toEqual([])
    },
    limitMs,
  )

  test(
    'reach a watch in order while others are sent beside it, and Ctrl-C ends it well',
    async () => {
      const watch = bob.start('watch')
      const ended = endOf(watch)
      let seen = ''
      watch.stdout.on('data', (text: string) => (seen += text))
      await eventually(() => seen.includes('"caught-up"'), { timeoutMs: 20_000 })
      expect(await bob.run('watch')).toMatchObject({ code: 1 })
      const words = ['a', 'b', 'c', 'd'].map((letter) => `beside ${letter}`)
      for (const text of words) await alice.does('send', '@bob', text)
      await bob.does('send', '@alice', 'from beside the watch')
      await eventually(() => seen.includes('from beside the watch'), { timeoutMs: 20_000 })
      watch.kill('SIGINT')
      const { code, lines } = await ended
      expect(code).toBe(0)
      const entries = lines.filter((line) => line['type'] === 'entry')
      const texts = entries.map((line) => (line['content'] as { text?: string }).text)
      expect(texts.slice(-5)).toEqual([...words, 'from beside the watch'])
    },
    limitMs,
  )

  test(
    'that a killed watch had stored but not shown are shown by the next one',
    async () => {
      const dave = world.person('dave')
      await dave.does('register', 'dave')
      await befriend(alice, dave)
      // A new device gets the newest entries only; this one is not new.
      await alice.does('send', '@dave', 'hello')
      await watchUntil(dave, '"hello"')
      // More than fits between a watch and a reader that reads nothing.
      const lines = Array.from({ length: 400 }, (_, at) => `line ${at} ${'.'.repeat(2_000)}`)
      const said = await runParley(alice.env, ['chat', '@dave'], `${lines.join('\n')}\n/quit\n`)
      expect(said).toMatchObject({ code: 0 })
      const killed = dave.start('watch')
      const home = await openHome(dave.env['PARLEY_HOME'] ?? '')
      const account = home.account(home.login()?.userId ?? '')
      const stored = () => Math.max(0, ...account.conversations().map(({ seq }) => seq))
      await eventually(() => stored() >= 100, { timeoutMs: 20_000 })
      killed.kill('SIGKILL')
      const before = numbersOf(await endOf(killed))
      expect(before.length).toBeLessThan(stored())
      home.close()
      const after = numbersOf(await watchUntil(dave, '"line 399 '))
      const all = new Set([...before, ...after])
      expect([...all].toSorted((one, other) => one - other)).toEqual(lines.map((_, at) => at + 2))
      expect(after).toEqual(after.toSorted((one, other) => one - other))
    },
    limitMs,
  )

  test(
    'can be said line by line through a pipe',
    async () => {
      const lines = Array.from({ length: 200 }, (_, at) => `line ${at}`)
      const input = `${lines.join('\n')}\n//slashed\n/nudge\n/quit\n`
      const chat = await runParley(alice.env, ['chat', '@bob'], input)
      expect(chat).toMatchObject({ code: 0, err: '' })
      // It ended when everything was on the server.
      const told = await bob.does('history', '@alice', '-n', '202')
      expect(told.slice(0, 200).map(({ content }) => content)).toEqual(
        lines.map((text) => ({ kind: 'text', text })),
      )
      expect(told.slice(200)).toMatchObject([
        { content: { text: '/slashed' } },
        { content: { kind: 'nudge' } },
      ])
    },
    limitMs,
  )
})

describe('searching', () => {
  test(
    'says when there may be more than it shows',
    async () => {
      for (const text of ['a heron', 'two herons', 'no heron at all']) {
        await alice.does('send', '@bob', text)
      }
      const few = await bob.does('search', 'heron', '-n', '2')
      expect(few.map(({ type }) => type)).toEqual(['found', 'found', 'more'])
      const all = await bob.does('search', 'heron')
      expect(all.map(({ type }) => type)).toEqual(['found', 'found', 'found'])
      const read = await runParley(bob.env, ['search', 'heron', '-n', '1'])
      expect(read.err).toContain('there may be more')
    },
    limitMs,
  )
})

describe('files', () => {
  test(
    'arrive byte for byte and never overwrite',
    async () => {
      const path = join(folder, 'report one.bin')
      const bytes = randomBytes(3_000_000)
      await writeFile(path, bytes)
      const [sent] = await alice.does('send-file', '@bob', path)
      const seq = String(sent?.['seq'])
      const target = join(folder, 'got.bin')
      const [got] = await bob.does('get', '@alice', seq, '-o', target)
      expect(got).toMatchObject({ type: 'downloaded', path: target, bytes: bytes.length })
      expect((await readFile(target)).equals(bytes)).toBe(true)
      const into = join(folder, 'downloads')
      await mkdir(into)
      for (const [given, name] of [
        [into, 'report one.bin'],
        [`${into}/`, 'report one (1).bin'],
      ] as const) {
        const [there] = await bob.does('get', '@alice', seq, '-o', given)
        expect(there).toMatchObject({ path: join(into, name), bytes: bytes.length })
      }
      const again = await bob.run('get', '@alice', seq, '-o', target)
      expect(again.code).toBe(1)
      expect(JSON.parse(again.err)).toMatchObject({ reason: 'FILE_EXISTS' })
      await bob.does('forward', '@alice', seq, '@carol')
      const none = await alice.run('send-file', '@bob', join(folder, 'none'))
      expect(JSON.parse(none.err)).toMatchObject({ message: `there is no file ${folder}/none` })
      const nowhere = await bob.run('get', '@alice', seq, '-o', join(folder, 'no', 'where'))
      expect(nowhere.code).toBe(1)
      expect(JSON.parse(nowhere.err)).toMatchObject({ reason: 'CANNOT_WRITE' })
    },
    limitMs,
  )

  test(
    'whose bytes the server has lost are missed in words',
    async () => {
      const path = join(folder, 'lost.bin')
      await writeFile(path, randomBytes(10_000))
      const [sent] = await alice.does('send-file', '@bob', path)
      const blobs = join(world.cluster.dataFolder('file-server'), 'filecache/blobs')
      await rm(blobs, { recursive: true })
      await mkdir(blobs)
      const target = join(folder, 'lost-copy.bin')
      const missed = await bob.run('get', '@alice', String(sent?.['seq']), '-o', target)
      expect(missed.code).toBe(1)
      expect(JSON.parse(missed.err)).toMatchObject({
        reason: 'BYTES_UNAVAILABLE',
        message: expect.stringContaining('may be lost there'),
      })
    },
    limitMs,
  )

  test(
    'an image comes in three sizes',
    async () => {
      const path = join(folder, 'dot.png')
      await writeFile(path, onePixel)
      const [sent] = await alice.does('send-image', '@bob', path)
      for (const variant of ['thumb', 'preview', 'full']) {
        const target = join(folder, `dot-${variant}`)
        await bob.does('get', '@alice', String(sent?.['seq']), '--variant', variant, '-o', target)
        expect((await readFile(target)).length).toBeGreaterThan(0)
      }
    },
    limitMs,
  )
})
