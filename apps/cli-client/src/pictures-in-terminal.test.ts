import { copyFile, mkdtemp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import headless from '@xterm/headless'
import { spawn } from 'node-pty'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { currentEnv } from './config.ts'
import { twoFriends } from './testing/people.ts'
import type { People, Person } from './testing/people.ts'
import { eventually } from '@parley/testkit'
import { runParley } from './testing/run-parley.ts'

let people: People
let folder: string
let alice: Person
let bob: Person
let seq: string

beforeAll(async () => {
  people = await twoFriends()
  ;({ folder, alice, bob } = people)
  // Red on the left, blue on the right.
  const path = join(folder, 'halves.png')
  const red = { create: { width: 160, height: 96, channels: 3, background: '#f00' } } as const
  const blue = { create: { ...red.create, width: 80, background: '#00f' } } as const
  const right = await sharp(blue).png().toBuffer()
  await sharp(red)
    .composite([{ input: right, left: 80, top: 0 }])
    .png()
    .toFile(path)
  const [sent] = await alice.does('send-image', '@bob', path)
  seq = String(sent?.['seq'])
}, 120_000)

afterAll(() => people?.end(), 60_000)

const limitMs = 60_000

/** Runs `parley show` in a pseudo terminal that answers what is asked of it. */
async function shown(
  answers: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<{ bytes: string; buffer: InstanceType<typeof headless.Terminal>['buffer']['active'] }> {
  const size = { cols: 80, rows: 24 }
  const screen = new headless.Terminal({ ...size, allowProposedApi: true })
  const script = join(import.meta.dirname, '../bin/parley.js')
  const temporary = await mkdtemp(join(folder, 'tmp-'))
  const pty = spawn(process.execPath, [script, 'show', '@alice', seq, ...args], {
    ...size,
    env: {
      PATH: currentEnv()['PATH'] ?? '',
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      TMPDIR: temporary,
      ...bob.env,
      ...env,
    },
  })
  onTestFinished(() => pty.kill())
  let bytes = ''
  pty.onData((text) => {
    if (!bytes.includes('\u001b[c') && (bytes + text).includes('\u001b[c')) pty.write(answers)
    bytes += text
    screen.write(text)
  })
  const code = await new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)))
  expect({ code, bytes }).toMatchObject({ code: 0 })
  expect(await readdir(temporary)).toEqual([])
  await new Promise<void>((done) => screen.write('', done))
  return { bytes, buffer: screen.buffer.active }
}

function rowOfBlocks(buffer: Awaited<ReturnType<typeof shown>>['buffer']): number {
  const rows = Array.from({ length: buffer.length }, (_, at) => at)
  return rows.find((at) => buffer.getLine(at)?.translateToString(true).startsWith('▀')) ?? -1
}

test(
  'a terminal without graphics shows the picture in half blocks, once',
  async () => {
    const { buffer } = await shown('\u001b[?1;2c')
    const row = rowOfBlocks(buffer)
    expect(row).toBeGreaterThan(0)
    const line = buffer.getLine(row + 3)
    // 160 pixels in cells of 8: the red half is 10 columns wide.
    expect(line?.translateToString(true)).toBe('▀'.repeat(20))
    const [left = 0, right = 0] = [2, 17].map((x) => line?.getCell(x)?.getFgColor())
    expect(left >> 16).toBeGreaterThan(200)
    expect(left & 0xff).toBeLessThan(60)
    expect(right & 0xff).toBeGreaterThan(200)
    expect(right >> 16).toBeLessThan(60)
    // The placeholder made way: six rows, and no more.
    expect(buffer.getLine(row + 6)?.translateToString(true)).toBe('')
  },
  limitMs,
)

test(
  'what kitty and sixel terminals get is made of pixels',
  async () => {
    const kitty = await shown('\u001b_Gi=31;OK\u001b\\\u001b[6;16;8t\u001b[?62c')
    expect(kitty.bytes).toContain('\u001b_Ga=T,q=2,f=24,o=z,s=160,v=96,c=20,r=6,')
    const sixel = await shown('\u001b[?62;4;22c')
    expect(sixel.bytes).toContain('\u001bP0;1;0q"1;1;160;96#0;2;')
    // No byte of a picture file reaches a terminal.
    for (const { bytes } of [kitty, sixel]) expect(bytes).not.toMatch(/RIFF|WEBP|JFIF/u)
  },
  limitMs,
)

test.each([
  ['--no-image', {}, ['--no-image']],
  ['PARLEY_NO_IMAGE=1', { PARLEY_NO_IMAGE: '1' }, []],
])(
  'words only with %s',
  async (_note, env: Record<string, string>, args) => {
    const { bytes } = await shown('', env, args)
    expect(bytes).toMatch(/\[image 160x96: halves\.png/u)
    expect(bytes).not.toContain('\u001b')
  },
  limitMs,
)

test(
  'a pipe gets words, or a JSON line',
  async () => {
    const words = await runParley(bob.env, ['show', '@alice', seq])
    expect(words.out).toMatch(/^\S+ #\d+ alice: \[image 160x96: halves\.png, .*\]\n$/u)
    expect(words.err).toContain('shows no pictures')
    expect(await bob.does('show', '@alice', seq)).toMatchObject([
      { type: 'entry', content: { kind: 'image', width: 160 } },
    ])
  },
  limitMs,
)

/** Runs `parley watch`, or another command, in a pseudo terminal that answers so to what is asked of it. */
function watching(answers: string, args: readonly string[] = ['watch']) {
  const script = join(import.meta.dirname, '../bin/parley.js')
  const pty = spawn(process.execPath, [script, ...args], {
    cols: 80,
    rows: 24,
    env: { PATH: currentEnv()['PATH'] ?? '', TERM: 'xterm-256color', ...bob.env },
  })
  onTestFinished(() => pty.kill())
  let bytes = ''
  const ended = new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)))
  pty.onData((text) => {
    if (!bytes.includes('\u001b[c') && (bytes + text).includes('\u001b[c')) pty.write(answers)
    bytes += text
  })
  return { pty, ended, seen: () => bytes }
}

test(
  'a watch draws what comes under its line',
  async () => {
    const { pty, ended, seen } = watching('\u001b[?62;4;22c')
    const caughtUp = () => seen().includes('everything that was missed')
    await eventually(caughtUp, { timeoutMs: 30_000 })
    await alice.does('send-image', '@bob', join(folder, 'halves.png'))
    const drawn = /halves\.png, [^\n]*\n\u001bP0;1;0q"1;1;160;96/u
    await eventually(() => drawn.test(seen().slice(seen().lastIndexOf('missed'))), {
      timeoutMs: 30_000,
    })
    pty.kill('SIGINT')
    expect(await ended).toBe(0)
  },
  limitMs,
)

test(
  'a watch draws each of several that come together under its own line',
  async () => {
    await alice.does('send-image', '@bob', join(folder, 'halves.png'))
    await alice.does('send', '@bob', 'words after the picture')
    const { pty, ended, seen } = watching('\u001b[?62;4;22c')
    const caughtUp = () => seen().includes('everything that was missed')
    await eventually(caughtUp, { timeoutMs: 30_000 })
    const [before = '', after] = seen().split('words after the picture')
    expect(before).toMatch(/halves\.png, [^\n]*\n\u001bP0;1;0q"1;1;160;96/u)
    expect(after).not.toContain('\u001bP')
    pty.kill('SIGINT')
    expect(await ended).toBe(0)
  },
  limitMs,
)

test(
  'a chat draws pictures of before, of the others and its own',
  async () => {
    const { pty, ended, seen } = watching('\u001b[?62;4;22c', ['chat', '@alice'])
    const drawn = (line: string) =>
      eventually(() => seen().split(`${line}, `).at(-1)?.includes('\u001bP0;1;0q"1;1;160;96'), {
        timeoutMs: 30_000,
      })
    await drawn('alice: [image 160x96: halves.png')
    await eventually(() => seen().includes('@alice> '), { timeoutMs: 30_000 })
    const path = join(folder, 'theirs.png')
    await copyFile(join(folder, 'halves.png'), path)
    await alice.does('send-image', '@bob', path)
    await drawn('alice: [image 160x96: theirs.png')
    pty.write(`/send-image '${path}'\r`)
    await drawn('bob: [image 160x96: theirs.png')
    pty.write('\u0004')
    expect(await ended).toBe(0)
  },
  limitMs,
)

test(
  'a chat draws nothing with --no-image, and asks its terminal for nothing',
  async () => {
    const { pty, ended, seen } = watching('', ['chat', '@alice', '--no-image'])
    await eventually(() => seen().includes('@alice> '), { timeoutMs: 30_000 })
    await alice.does('send-image', '@bob', join(folder, 'halves.png'))
    await alice.does('send', '@bob', 'last words')
    await eventually(() => seen().includes('last words'), { timeoutMs: 30_000 })
    pty.write('\u0004')
    expect(await ended).toBe(0)
    expect(seen()).toContain('[image 160x96: halves.png')
    expect(seen()).not.toMatch(/\u001bP|▀|\u001b\[c/u)
  },
  limitMs,
)

test(
  'Ctrl-C ends a watch that still asks its terminal',
  async () => {
    const { ended } = watching('\u0003')
    expect(await ended).toBe(0)
  },
  limitMs,
)

test(
  'in the background a picture is shown without asking the terminal',
  async () => {
    const script = join(import.meta.dirname, '../bin/parley.js')
    const command = `'${process.execPath}' '${script}' show @alice ${seq} & wait $!; echo "ended $?"`
    const pty = spawn('bash', ['--norc', '-ic', command], {
      cols: 80,
      rows: 24,
      env: {
        PATH: currentEnv()['PATH'] ?? '',
        TERM: 'xterm-256color',
        COLORTERM: 'truecolor',
        ...bob.env,
      },
    })
    onTestFinished(() => pty.kill())
    let bytes = ''
    pty.onData((text) => (bytes += text))
    await new Promise((resolve) => pty.onExit(resolve))
    expect(bytes).toContain('ended 0')
    expect(bytes).toContain('▀'.repeat(5))
    expect(bytes).not.toContain('\u001b[c')
  },
  limitMs,
)
