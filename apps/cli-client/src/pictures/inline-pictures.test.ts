import type { ClientEvent } from '@parley/client'
import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { picturesOfEvents } from './inline-pictures.ts'

type Draw = Parameters<typeof picturesOfEvents>[0]

const image = chat.Entry.fromPartial({
  content: { content: { $case: 'image', value: { imageId: 'i' } } },
})
const text = chat.Entry.fromPartial({
  content: { content: { $case: 'text', value: { text: 'hi' } } },
})

function eventOf(...entries: chat.Entry[]): ClientEvent {
  const conversation = { conversationId: 'c' }
  return { type: 'entries', conversation, firstSeq: 7, entries } as unknown as ClientEvent
}

function setup(draw: Draw, limits = { eventMs: 60_000, restMs: 30_000 }) {
  const clock = { nowMs: 0 }
  const asked: number[] = []
  const counted: Draw = (place, ...rest) => {
    asked.push(place.seq)
    return draw(place, ...rest)
  }
  const pictures = picturesOfEvents(counted, limits, () => clock.nowMs)
  const drawn = async (event: ClientEvent, entries: number) => {
    const of = pictures(event)
    const all: (string | undefined)[] = []
    for (let nth = 0; nth < entries; nth += 1) all.push((await of(nth))?.text)
    return all
  }
  return { clock, asked, drawn }
}

test('each entry has its own picture, and words have none', async () => {
  const { asked, drawn } = setup(({ seq }) => Promise.resolve({ text: `<${seq}>`, rows: 1 }))
  expect(await drawn(eventOf(image, text, image), 3)).toEqual(['<7>', undefined, '<9>'])
  expect(asked).toEqual([7, 9])
  expect(await drawn({ type: 'watching', count: 1 }, 1)).toEqual([undefined])
})

test('an image server that is away is asked once, and again after a rest', async () => {
  const away = new AppError('unavailable', 'CONNECTION_FAILED', 'refused')
  const { clock, asked, drawn } = setup(() => Promise.reject(away))
  await drawn(eventOf(image, image, image), 3)
  await drawn(eventOf(image), 1)
  expect(asked).toEqual([7])
  clock.nowMs = 30_000
  await drawn(eventOf(image, image), 2)
  expect(asked).toEqual([7, 7])
})

test('the pictures of an event have one limit together', async () => {
  const silent: Draw = (_place, _image, limit) =>
    new Promise((_, reject) => {
      limit.addEventListener('abort', () => reject(limit.reason as Error))
    })
  const { asked, drawn } = setup(silent, { eventMs: 20, restMs: 30_000 })
  await drawn(eventOf(image, image, image), 3)
  expect(asked).toEqual([7])
})

test('one picture that is gone or broken takes no other away', async () => {
  const gone = new AppError('not-found', 'GONE', 'gone')
  const { asked, drawn } = setup(() => Promise.reject(gone))
  expect(await drawn(eventOf(image, image), 2)).toEqual([undefined, undefined])
  expect(asked).toEqual([7, 8])
})
