import { setImmediate } from 'node:timers/promises'
import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import type { Drawing } from '../pictures/painter.ts'
import { ChatPictures } from './chat-pictures.ts'
import type { PicturePaper, PictureSource } from './chat-pictures.ts'

function entryOf(seq: number, imageId = `i${seq}`) {
  const content = { content: { $case: 'image' as const, value: { imageId, width: 8, height: 16 } } }
  return { conversationId: 'c', seq, entry: chat.Entry.fromPartial({ content }) }
}

type Limits = ConstructorParameters<typeof ChatPictures>[2]

// Lines and drawings stand on a paper in their order; a picture comes when the test lets it.
function setup(limits: Limits = {}) {
  const paper: string[] = []
  const clock = { nowMs: 0 }
  const asked = new Map<number, PromiseWithResolvers<Drawing>>()
  const fetches: number[] = []
  const left: number[] = []
  const placeholders = new Set<string>()
  const source: PictureSource = {
    cells: () => ({ width: 1, height: 1 }),
    placeholder: async ({ imageId }) => {
      if (imageId === 'undrawable') throw new Error('nothing here draws')
      return placeholders.has(imageId) ? { text: `?${imageId}`, rows: 1 } : undefined
    },
    picture({ seq }, _cells, limit) {
      fetches.push(seq)
      const coming = Promise.withResolvers<Drawing>()
      limit.addEventListener('abort', () => {
        coming.reject(limit.reason as Error)
        left.push(seq)
      })
      asked.set(seq, coming)
      return coming.promise
    },
  }
  const pictures = new ChatPictures(source, paperOf(paper), limits, () => clock.nowMs)
  const come = async (seq: number) => {
    await eventually(() => fetches.includes(seq))
    asked.get(seq)?.resolve({ text: `<${seq}>`, rows: 1 })
  }
  const fail = async (seq: number, error: Error) => {
    await eventually(() => fetches.includes(seq))
    asked.get(seq)?.reject(error)
  }
  const says = (seq: number, imageId?: string) => {
    paper.push(`#${seq}`)
    pictures.show(entryOf(seq, imageId))
  }
  return { paper, clock, fetches, left, placeholders, pictures, come, fail, says }
}

function paperOf(paper: string[]): PicturePaper {
  const spot = () => ({ printed: paper.length, columns: 80, rows: 0 })
  const isLast = ({ printed }: { readonly printed: number }) => printed === paper.length
  return {
    spot,
    isLast,
    draw({ text, rows }, at, caption) {
      if (isLast(at) && at.rows > 0) paper.pop()
      else if (!isLast(at)) paper.push(caption)
      paper.push(text)
      return { ...spot(), rows }
    },
  }
}

test('a picture stands under its line, in the place of its placeholder', async () => {
  const { paper, placeholders, come, says } = setup()
  placeholders.add('i3')
  says(3)
  await eventually(() => expect(paper).toEqual(['#3', '?i3']))
  await come(3)
  await eventually(() => expect(paper).toEqual(['#3', '<3>']))
})

test('a placeholder that cannot be drawn ends nothing, its picture comes', async () => {
  const { paper, come, says } = setup()
  says(3, 'undrawable')
  await come(3)
  await eventually(() => expect(paper).toEqual(['#3', '<3>']))
})

test('what is said meanwhile does not wait, and the picture says whose it is', async () => {
  const { paper, placeholders, come, says } = setup()
  placeholders.add('i3')
  says(3)
  paper.push('#4 words')
  await come(3)
  await eventually(() => expect(paper).toEqual(['#3', '#4 words', '~ the picture of #3:', '<3>']))
})

test('a picture is fetched once, also when it is shown again', async () => {
  const { paper, fetches, come, says } = setup()
  says(3, 'cat')
  says(4, 'cat')
  await come(3)
  await eventually(() => expect(paper.filter((one) => one === '<3>')).toHaveLength(2))
  says(5, 'cat')
  expect(paper.slice(-2)).toEqual(['#5', '<3>'])
  expect(fetches).toEqual([3])
})

test('of those drawn before only the last ones are kept', async () => {
  const { paper, fetches, come, says } = setup({ kept: 2 })
  for (const seq of [1, 2, 3]) {
    says(seq)
    await come(seq)
    await eventually(() => paper.at(-1) === `<${seq}>`)
  }
  says(4, 'i3')
  says(5, 'i1')
  await come(5)
  expect(fetches).toEqual([1, 2, 3, 5])
})

test('of many that wait the newest are fetched, one after the other', async () => {
  const { paper, fetches, come, says } = setup({ waiting: 2 })
  for (const seq of [1, 2, 3, 4, 5]) says(seq)
  expect(fetches).toEqual([1])
  for (const seq of [1, 4, 5]) await come(seq)
  await eventually(() => paper.at(-1) === '<5>')
  expect(fetches).toEqual([1, 4, 5])
})

test('a flood of pictures stays words, until a minute has passed', async () => {
  const { paper, clock, fetches, come, says } = setup({ perMinute: 2 })
  for (const seq of [1, 2, 3]) says(seq)
  for (const seq of [1, 2]) await come(seq)
  await eventually(() => paper.at(-1) === '<2>')
  clock.nowMs = 60_000
  says(4)
  await come(4)
  expect(fetches).toEqual([1, 2, 4])
})

test('a server that is away is asked again after a rest, one picture that is gone rests nothing', async () => {
  const { clock, fetches, come, fail, says } = setup()
  says(1)
  says(2)
  await fail(1, new AppError('not-found', 'ATTACHMENT_UNKNOWN', 'gone'))
  await fail(2, new AppError('unavailable', 'CONNECTION_FAILED', 'refused'))
  await setImmediate()
  clock.nowMs = 29_999
  says(3)
  await setImmediate()
  clock.nowMs = 30_000
  says(4)
  await come(4)
  expect(fetches).toEqual([1, 2, 4])
})

test('a silent server is left after its limit', async () => {
  const { paper, fetches, left, says } = setup({ fetchMs: 20 })
  says(1)
  says(2)
  await eventually(() => left.length === 1)
  await setImmediate()
  says(3)
  await setImmediate()
  expect(fetches).toEqual([1])
  expect(paper).toEqual(['#1', '#2', '#3'])
})

test('pictures that were prepared stand under their lines at once', async () => {
  const { paper, fetches, pictures, come, says } = setup()
  const ready = pictures.prepare([entryOf(1), entryOf(2)])
  await come(1)
  await come(2)
  await ready
  says(1)
  says(2)
  expect(paper).toEqual(['#1', '<1>', '#2', '<2>'])
  expect(fetches).toEqual([1, 2])
})

test('lines wait for a short while only, and what comes later is drawn all the same', async () => {
  const { paper, pictures, come, says } = setup({ prepareMs: 10 })
  await pictures.prepare([entryOf(1)])
  says(1)
  paper.push('#2 words')
  await come(1)
  await eventually(() => expect(paper.slice(-2)).toEqual(['~ the picture of #1:', '<1>']))
})

test('who leaves waits for no picture, and none is drawn any more', async () => {
  const { paper, fetches, pictures, says } = setup()
  says(1)
  says(2)
  await eventually(() => fetches.length === 1)
  await pictures.close()
  says(3)
  expect(paper).toEqual(['#1', '#2', '#3'])
  expect(fetches).toEqual([1])
})
