import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onePixel } from './testing/made-files.ts'
import { twoFriends } from './testing/people.ts'
import type { People, Person } from './testing/people.ts'
import { endOf } from './testing/run-parley.ts'

let people: People
let folder: string
let alice: Person
let bob: Person

beforeAll(async () => {
  people = await twoFriends()
  ;({ folder, alice, bob } = people)
}, 120_000)

afterAll(() => people?.end(), 60_000)

const limitMs = 120_000

/** A folder of files with these contents. */
async function filled(name: string, contents: Record<string, string | Buffer>): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, 'sub'), { recursive: true })
  for (const [file, bytes] of Object.entries(contents)) await writeFile(join(path, file), bytes)
  return path
}

function errorOf({ err }: { readonly err: string }): Record<string, unknown> {
  return JSON.parse(err.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>
}

test(
  'a folder is sent as its files, in order, and fetched again into a folder',
  async () => {
    const large = randomBytes(3_000_000)
    const from = await filled('trip', { 'a.bin': large, 'b.txt': 'bb', 'sub/a.bin': 'other' })
    await symlink('/etc/hostname', join(from, 'link'))
    const sent = await alice.does('send-file', '@bob', from)
    const seqs = sent.map(({ seq }) => Number(seq))
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    const told = await bob.does('history', '@alice')
    const names = told.map(({ content }) => (content as { name?: string }).name)
    expect(names).toEqual(['trip/a.bin', 'trip/b.txt', 'trip/sub/a.bin'])
    await alice.does('send', '@bob', 'that was all')
    const to = join(folder, 'got')
    const got = await bob.does('get', '@alice', '--all', '-o', to)
    expect(got.map(({ path }) => path)).toEqual(
      ['a.bin', 'b.txt', 'a (1).bin'].map((name) => join(to, name)),
    )
    expect((await readFile(join(to, 'a.bin'))).equals(large)).toBe(true)
    expect(await readFile(join(to, 'a (1).bin'), 'utf8')).toBe('other')
    await rm(join(to, 'b.txt'))
    const again = await bob.does('get', '@alice', `${seqs[0]}-${seqs[2]}`, '-o', to)
    expect(again.map(({ already }) => already)).toEqual([true, false, true])
    expect((await readdir(to)).toSorted()).toEqual(['a (1).bin', 'a.bin', 'b.txt'])
  },
  limitMs,
)

test(
  'one that is refused does not stop the others, and is told of in the end',
  async () => {
    const from = await filled('pictures', {
      '1.png': onePixel,
      '2.png': 'no picture',
      '3.png': onePixel,
    })
    const paths = ['1.png', '2.png', '3.png'].map((name) => join(from, name))
    const ended = await alice.run('send-image', '@bob', ...paths)
    expect(ended.code).toBe(1)
    const done = ended.lines.filter(({ type }) => type !== 'progress')
    expect(done).toMatchObject([
      { type: 'sent', path: paths[0] },
      { type: 'failed', path: paths[1], reason: expect.stringMatching(/^[A-Z_]+$/) },
      { type: 'sent', path: paths[2] },
    ])
    expect(errorOf(ended)).toMatchObject({
      reason: 'SOME_FAILED',
      message: '1 of 3 were not sent',
    })
  },
  limitMs,
)

test(
  'small variants that are there already are not kept twice',
  async () => {
    const from = await filled('dots', { 'dot.png': onePixel, 'sub/dot.png': onePixel })
    const paths = [join(from, 'dot.png'), join(from, 'sub/dot.png')]
    const seqs = (await alice.does('send-image', '@bob', ...paths)).map(({ seq }) => String(seq))
    const to = join(folder, 'small')
    const get = () => bob.does('get', '@alice', ...seqs, '--variant', 'preview', '-o', to)
    const names = ['dot-preview (1).webp', 'dot-preview.webp']
    expect((await get()).map(({ already }) => already)).toEqual([false, false])
    expect((await readdir(to)).toSorted()).toEqual(names)
    await writeFile(join(to, names[0]!), 'something else')
    const again = await get()
    expect(again.map(({ path, already }) => [path, already])).toEqual([
      [join(to, names[1]!), true],
      [join(to, names[1]!), true],
    ])
    expect((await readdir(to)).toSorted()).toEqual(names)
    expect(await readFile(join(to, names[0]!), 'utf8')).toBe('something else')
  },
  limitMs,
)

test(
  'more than a hundred files are sent when that is meant, but not without being asked for',
  async () => {
    const contents = Array.from({ length: 101 }, (_, at) => [`${at}.txt`, `text ${at}`] as const)
    const from = await filled('many', Object.fromEntries(contents))
    const unsure = await alice.run('send-file', '@bob', from)
    expect(unsure).toMatchObject({ code: 1, lines: [] })
    expect(errorOf(unsure)).toMatchObject({ reason: 'NOT_CONFIRMED' })
    const few = await alice.does('send-file', '@bob', from, '--yes', '--skip', '97')
    expect(few).toHaveLength(4)
  },
  limitMs,
)

test(
  'an interrupted set says how to go on, and goes on without what was sent',
  async () => {
    const from = await filled('long', {
      'a.bin': randomBytes(200_000),
      'b.bin': randomBytes(200_000_000),
    })
    const sending = alice.start('send-file', '@bob', from)
    const ended = endOf(sending)
    let seen = ''
    sending.stdout.on('data', (text: string) => (seen += text))
    await eventually(() => seen.includes('"sent"'), { timeoutMs: 60_000 })
    sending.kill('SIGINT')
    const cut = await ended
    expect(cut.code).toBe(130)
    expect(errorOf(cut)).toMatchObject({
      reason: 'INTERRUPTED',
      message: expect.stringMatching(/1 of 2 were sent; with --skip 1 it goes on/),
    })
    const [sent, ...more] = await alice.does('send-file', '@bob', from, '--skip', '1')
    expect(sent).toMatchObject({ path: join(from, 'b.bin') })
    expect(more).toEqual([])
    const told = await bob.does('history', '@alice', '-n', '2')
    expect(told.map(({ content }) => (content as { name?: string }).name)).toEqual([
      'long/a.bin',
      'long/b.bin',
    ])
  },
  limitMs,
)

test(
  'who asks for an entry by its number is told when it has no file',
  async () => {
    const [said] = await alice.does('send', '@bob', 'just words')
    const seq = String(said?.['seq'])
    const none = await bob.run('get', '@alice', seq, '1', '-o', join(folder, 'none'))
    expect([none.code, errorOf(none)['reason']]).toEqual([1, 'NO_ATTACHMENT'])
    const both = await bob.run('get', '@alice', seq, '--all')
    expect([both.code, errorOf(both)['reason']]).toEqual([2, 'USAGE'])
    const range = await bob.run('get', '@alice', '9-3')
    expect(range.code).toBe(2)
  },
  limitMs,
)
