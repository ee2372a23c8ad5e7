import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, tempFolder } from '@parley/testkit'
import sharp from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import { expect, test } from 'vitest'
import { chatAtTerminal, conversation } from '../testing/chat-at-terminal.ts'

const blue = { r: 0, g: 0, b: 255 }
const red = Uint8Array.from({ length: 64 }, (_, at) => [255, 0, 0, 255][at % 4] ?? 0)
const blocks = /^▀{8}$/

// A blue picture of 8 columns and 4 rows; what stands for it until it is here is red.
async function picture(format: 'webp' | 'png' = 'webp') {
  const path = join(await tempFolder(), 'picture')
  const create = { width: 64, height: 64, channels: 3, background: blue } as const
  await sharp({ create }).toFormat(format).toFile(path)
  return path
}

function shows(seq: number, facts: object = {}) {
  const about = {
    imageId: `i${seq}`,
    name: 'sky.png',
    size: 100,
    width: 64,
    height: 64,
    digest: [],
  }
  const value = { ...about, thumbhash: [...rgbaToThumbHash(4, 4, red)], ...facts }
  const content = { content: { $case: 'image', value } }
  const entry = { senderName: 'bob', sentAtMs: Date.now(), content }
  return { type: 'entries', conversation, firstSeq: seq, entries: [entry] }
}

function says(seq: number, text: string) {
  const content = { content: { $case: 'text', value: { text } } }
  const entry = { senderName: 'bob', sentAtMs: Date.now(), content }
  return { type: 'entries', conversation, firstSeq: seq, entries: [entry] }
}

function isAsked({ asked }: { readonly asked: Record<string, unknown>[] }, seq: number) {
  return eventually(() => asked.some((one) => one['download'] === seq))
}

test('a picture is drawn above the line being typed, in the place of its placeholder', async () => {
  const view = await chatAtTerminal(60, 'pictures')
  await view.shows(/^#Tea> *$/)
  view.type('half a sent')
  await view.shows(/> half a sent$/)
  const column = view.cursorColumn()
  view.event(shows(1, { name: '\u001b[2Jsky.png' }))
  const all = [blocks, blocks, blocks, blocks, /> half a sent$/]
  await view.shows(/#1 bob: \[image 64x64: ␛\[2Jsky\.png, 100 B\]$/, ...all)
  expect(view.drawnColour()).toBeGreaterThan(0xc00000)
  const first = view.rows().length
  view.event({ type: 'downloaded', seq: 1, from: await picture() })
  await eventually(() => expect(view.drawnColour()).toBeLessThan(0x100000))
  view.event(says(2, 'nice'))
  await view.shows(blocks, blocks, blocks, blocks, /#2 bob: nice$/, /> half a sent$/)
  expect(view.rows()).toHaveLength(first + 1)
  await eventually(() => view.cursorColumn() === column)
})

test('a picture that comes after other words says whose it is', async () => {
  const view = await chatAtTerminal(60, 'pictures')
  await view.shows(/^#Tea> *$/)
  view.event(shows(1, { thumbhash: [] }))
  view.event(says(2, 'what is it'))
  await view.shows(/#1 bob: \[image/, /#2 bob: what is it$/, /^#Tea> *$/)
  await isAsked(view, 1)
  view.event({ type: 'downloaded', seq: 1, from: await picture() })
  const four = [blocks, blocks, blocks, blocks]
  await view.shows(/#2 bob: what/, /^~ the picture of #1:$/, ...four, /^#Tea> *$/)
})

test('a picture that comes after a list of commands leaves the placeholder above the list alone', async () => {
  const view = await chatAtTerminal(60, 'pictures')
  await view.shows(/^#Tea> *$/)
  view.event(shows(1))
  const four = [blocks, blocks, blocks, blocks]
  await view.shows(/#1 bob: \[image/, ...four, /^#Tea> *$/)
  view.type('/s')
  await view.shows(/> \/s$/)
  view.type('\t')
  await view.shows(/> \/send-$/)
  view.type('\t')
  await eventually(() => expect(view.rows().join()).toContain('/send-video'))
  await view.shows(/> \/send-$/)
  await isAsked(view, 1)
  view.event({ type: 'downloaded', seq: 1, from: await picture() })
  await view.shows(/^~ the picture of #1:$/, ...four, /> \/send-$/)
  expect(view.rows().filter((row) => blocks.test(row))).toHaveLength(8)
})

test('on a narrow screen a line of two rows stays whole under a large picture', async () => {
  const view = await chatAtTerminal(30, 'pictures')
  await view.shows(/^#Tea> *$/)
  view.type('x'.repeat(40))
  await view.shows(/^#Tea> x+$/, /^x+$/)
  view.event(shows(1, { width: 4_000, height: 100, thumbhash: [] }))
  await isAsked(view, 1)
  view.event({ type: 'downloaded', seq: 1, from: await picture() })
  await view.shows(/^▀{29}$/, /^#Tea> x+$/, /^x+$/)
  expect(view.rows().filter((row) => row.includes('▀'))).toHaveLength(1)
})

test('what is no picture of an image server stays words', async () => {
  const view = await chatAtTerminal(60, 'pictures')
  await view.shows(/^#Tea> *$/)
  view.event(shows(1, { thumbhash: [] }))
  await isAsked(view, 1)
  view.event({ type: 'downloaded', seq: 1, from: await picture('png') })
  view.event(shows(2, { thumbhash: [] }))
  await isAsked(view, 2)
  await view.shows(/#1 bob: \[image/, /#2 bob: \[image/, /^#Tea> *$/)
})

test('who leaves while a picture comes leaves cleanly, and nothing stays in the folder of temporary files', async () => {
  const view = await chatAtTerminal(60, 'pictures')
  await view.shows(/^#Tea> *$/)
  view.event(shows(1))
  await isAsked(view, 1)
  view.type('\u0004')
  expect(await view.ended).toBe(0)
  expect(await readdir(view.temporary)).toEqual([])
})
