import { PassThrough } from 'node:stream'
import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { graphicsIn, isInForeground, screenGraphics } from './screen-graphics.ts'

const kitty = '\u001b_Gi=31;OK\u001b\\'
const plain = '\u001b[?1;2c'
const knowsSixel = '\u001b[?62;4;22c'

test.each([
  ['kitty', kitty + knowsSixel, { how: 'kitty', cell: { width: 8, height: 16 } }],
  ['sixel', knowsSixel, { how: 'sixel', cell: { width: 8, height: 16 } }],
  [
    'the size of a cell',
    `\u001b[6;20;9t${knowsSixel}`,
    { how: 'sixel', cell: { width: 9, height: 20 } },
  ],
  [
    'a size that none has',
    `\u001b[6;900;900t${knowsSixel}`,
    { how: 'sixel', cell: { width: 8, height: 16 } },
  ],
  ['a terminal of class 4', '\u001b[?4;6c', undefined],
  ['kitty graphics refused', `\u001b_Gi=31;EINVAL:no\u001b\\${plain}`, undefined],
  ['nothing', '', undefined],
])('an answer of %s is understood', (_note, answers, wanted) => {
  expect(graphicsIn(answers)).toEqual(wanted)
})

function setup({ depth = 24, isTTY = true, isForeground = true } = {}) {
  const modes: boolean[] = []
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (raw: boolean) => void modes.push(raw),
  })
  const asked: string[] = []
  const stdout = { isTTY, getColorDepth: () => depth, write: (text: string) => asked.push(text) }
  const terminal = { stdin, stdout } as unknown as Parameters<typeof screenGraphics>[0]
  const found = (isMultiplexed = false) =>
    screenGraphics(terminal, isMultiplexed, () => Promise.resolve(isForeground))
  return { stdin, asked, modes, found }
}

const blocks = { how: 'blocks', cell: { width: 8, height: 16 } }

test('an answer that comes in pieces is put together, and the terminal is given back', async () => {
  const { stdin, asked, modes, found } = setup()
  const graphics = found()
  await eventually(() => expect(asked).toHaveLength(1))
  for (const piece of ['\u001b_Gi=3', '1;OK\u001b', '\\\u001b[?62', ';4c']) stdin.write(piece)
  expect(await graphics).toMatchObject({ how: 'kitty' })
  expect(modes).toEqual([true, false])
})

test('a terminal that stays silent is given up, and shows half blocks', async () => {
  const { modes, found } = setup()
  expect(await found()).toEqual({ ...blocks, colours: 'all' })
  expect(modes).toEqual([true, false])
})

test('a flood of answers ends the question', async () => {
  const { stdin, found } = setup({ depth: 8 })
  const graphics = found()
  stdin.write('x'.repeat(2_000))
  expect(await graphics).toEqual({ ...blocks, colours: '256' })
})

test('a multiplexer is not asked for kitty graphics', async () => {
  const { stdin, asked, found } = setup()
  const graphics = found(true)
  stdin.write(plain)
  expect(await graphics).toMatchObject(blocks)
  expect(asked).toEqual(['\u001b[c'])
})

test('what has few colours or is no terminal shows nothing, and is asked nothing', async () => {
  const few = setup({ depth: 1 })
  expect(await few.found()).toBeUndefined()
  const none = setup({ isTTY: false })
  expect(await none.found()).toBeUndefined()
  expect([...few.asked, ...none.asked]).toEqual([])
})

test('in the background nothing is asked of the terminal, which would stop the process', async () => {
  const { asked, modes, found } = setup({ isForeground: false })
  expect(await found()).toEqual({ ...blocks, colours: 'all' })
  expect([...asked, ...modes]).toEqual([])
})

test.each([
  ['with the terminal', '41 (node) S 40 41 40 34816 41 4194304', true],
  ['behind a shell', '41 (a) b (c) S 40 41 40 34816 40 4194304', false],
  ['without any terminal', '41 (node) S 40 41 40 0 -1 4194304', true],
])('a process %s is known from what the kernel says', (_note, stat, wanted) => {
  expect(isInForeground(stat)).toBe(wanted)
})
