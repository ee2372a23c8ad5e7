import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { befriend, startWorld } from './testing/people.ts'
import type { Person, World } from './testing/people.ts'
import { endOf, startParley } from './testing/run-parley.ts'

const limitMs = 120_000
const patience = { timeoutMs: 60_000 }
let folder: string
let world: World
let alice: Person
let bob: Person

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-direct-'))
  world = await startWorld(folder)
  ;[alice, bob] = [world.person('alice'), world.person('bob')]
  for (const one of [alice, bob]) await one.does('register', one.name)
  await befriend(alice, bob)
}, limitMs)

afterAll(async () => {
  await world?.cluster.stop()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

/** A chat with somebody, as people see it or in JSON lines. */
function chatting(who: Person, env: Record<string, string>, ...args: string[]) {
  const onThisMachine = { ...who.env, PARLEY_DIRECT_HOST: '127.0.0.1', ...env }
  const child = startParley(onThisMachine, args)
  const ended = endOf(child)
  onTestFinished(async () => {
    child.stdin.end()
    await ended
  })
  let out = ''
  child.stdout.on('data', (text: string) => (out += text))
  const shown = () => out.split('\n')
  const lines = (type: string) =>
    shown()
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['type'] === type)
  return { say: (text: string) => child.stdin.write(`${text}\n`), shown, lines, child, ended }
}

/** Says it with a number, again and again; answers how often. */
async function sayUntil(
  side: ReturnType<typeof chatting>,
  words: string,
  isDone: () => boolean,
): Promise<number> {
  let count = 0
  await eventually(async () => {
    if (isDone()) return true
    side.say(`${words} ${(count += 1)}`)
    return eventually(isDone, { timeoutMs: 2_000 }).catch(() => false)
  }, patience)
  return count
}

test(
  'two who both want it talk directly, see how fast, and see every message once',
  async () => {
    await alice.does('send', '@bob', 'before')
    const atBob = chatting(bob, { PARLEY_DIRECT: '1' }, 'chat', '@alice')
    const atAlice = chatting(alice, {}, '--json', 'chat', '@bob', '--direct')
    await eventually(() => atAlice.lines('direct-path')[0]?.['state'] === 'open', patience)
    await eventually(
      () => atBob.shown().some((line) => line.startsWith('~ direct to @alice')),
      patience,
    )
    // Of two ways either may be faster, once: what is said is said until one text came directly.
    const direct =
      /^alice: hello bob \d+ \(via direct [\d.]+ ms \/ relay [\d.-]+( ms)?, not stored yet\)$/
    const said = await sayUntil(atAlice, 'hello bob', () =>
      atBob.shown().some((line) => direct.test(line)),
    )
    const answers = () => atAlice.lines('direct-message')
    await sayUntil(atBob, 'hello alice', () => answers().length > 0)
    const [answer] = answers()
    expect(answer).toMatchObject({ senderName: 'bob', conversation: { kind: 'direct' } })
    expect(answer?.['text']).toMatch(/^hello alice \d+$/)
    // The server's copy is there for programs, and says that it is no news.
    const copies = () =>
      atAlice.lines('entry').filter(({ messageId }) => messageId === answer?.['messageId'])
    await eventually(() => copies().length > 0, patience)
    expect(copies()).toMatchObject([{ shown: true, senderName: 'bob' }])
    // What comes after is shown after: had the copies been shown, they would stand before this.
    await alice.does('send', '@bob', 'the end')
    await eventually(() => atBob.shown().some((line) => line.endsWith('the end')), patience)
    const numbers = atBob.shown().flatMap((line) => / hello bob (\d+)/.exec(line)?.[1] ?? [])
    expect(numbers.toSorted()).toEqual(
      Array.from({ length: said }, (_, i) => `${i + 1}`).toSorted(),
    )
    atAlice.say('/quit')
    await atAlice.ended
    await eventually(
      () => atBob.shown().some((line) => line.startsWith('~ no more direct to @alice')),
      patience,
    )
  },
  limitMs,
)

test(
  'a file comes from the device that has sent it',
  async () => {
    const file = join(folder, 'holiday.bin')
    const bytes = randomBytes(300_000)
    await writeFile(file, bytes)
    const atBob = chatting(bob, {}, '--json', 'chat', '@alice', '--direct')
    const atAlice = chatting(alice, {}, '--json', 'chat', '@bob', '--direct')
    const areOpen = () =>
      [atBob, atAlice].every((side) => side.lines('direct-path').at(-1)?.['state'] === 'open')
    await eventually(areOpen, patience)
    atAlice.say(`/send-file ${file}`)
    const sent = ({ lines }: ReturnType<typeof chatting>) =>
      lines('entry').find(({ content }) => (content as { name?: string }).name === 'holiday.bin')
    // Alice gives it from the moment on in which she knows that it is stored.
    await eventually(() => sent(atAlice) !== undefined && sent(atBob) !== undefined, patience)
    atBob.say(`/get ${String(sent(atBob)?.['seq'])} ${join(folder, 'copy.bin')}`)
    await eventually(() => atBob.lines('downloaded').length > 0, patience)
    expect(atBob.lines('downloaded')).toMatchObject([{ bytes: 300_000, directBytes: 300_000 }])
    expect((await readFile(join(folder, 'copy.bin'))).equals(bytes)).toBe(true)
  },
  limitMs,
)

test(
  'one who does not want it is talked to through the server alone',
  async () => {
    const atBob = chatting(bob, {}, '--json', 'chat', '@alice')
    const atAlice = chatting(alice, {}, '--json', 'chat', '@bob', '--direct')
    await eventually(() => atAlice.lines('connection').at(-1)?.['state'] === 'caught-up', patience)
    await eventually(() => atBob.lines('connection').at(-1)?.['state'] === 'caught-up', patience)
    atAlice.say('by the long way')
    await eventually(() => {
      const entries = atBob.lines('entry').map(({ content }) => content as { text?: string })
      return entries.some(({ text }) => text === 'by the long way')
    }, patience)
    for (const side of [atAlice, atBob]) {
      expect([...side.lines('direct-path'), ...side.lines('direct-message')]).toEqual([])
    }
  },
  limitMs,
)

test(
  'an address at which nobody can call is wrong usage',
  async () => {
    const child = startParley({ ...alice.env, PARLEY_DIRECT_HOST: 'a.example' }, ['chat', '@bob'])
    child.stdin.end()
    expect(await endOf(child)).toMatchObject({ code: 2, out: '' })
  },
  limitMs,
)
