import type { ClientEvent, ConnectionState } from '@parley/client'
import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { eventLines, eventTeller } from './event-lines.ts'

function offline(sinceMs: number, retryInMs: number): ClientEvent {
  const message = '127.0.0.1:1 cannot be reached: the connection is refused'
  const why = { reason: 'UNREACHABLE', message }
  return { type: 'connection', connection: { state: 'offline', sinceMs, retryInMs, ...why } }
}

function online(server: string): ClientEvent {
  const connection: ConnectionState = { state: 'online', server }
  return { type: 'connection', connection }
}

test('an outage is told to people once, to programs at every attempt', () => {
  const tell = eventTeller()
  const told = [offline(5, 100), offline(5, 200), online('s'), offline(9, 100)].flatMap(tell)
  expect(told.map(({ text }) => text)).toEqual([
    '~ offline: 127.0.0.1:1 cannot be reached: the connection is refused; trying again',
    '',
    '~ connected to s',
    '~ offline: 127.0.0.1:1 cannot be reached: the connection is refused; trying again',
  ])
  expect(told.map(({ line }) => line['retryInMs'])).toEqual([100, 200, undefined, 100])
})

test('somebody whose presence nobody can tell is not called unknown', () => {
  const user = { userId: 'u', userName: 'bob', asOfMs: 1 }
  const event = (availability: chat.Availability): ClientEvent => ({
    type: 'presence',
    users: [{ ...user, availability }],
  })
  const textOf = (availability: chat.Availability) => eventLines(event(availability))[0]?.text
  expect(textOf(chat.Availability.ONLINE)).toBe('~ @bob is online')
  expect(textOf(chat.Availability.UNSPECIFIED)).toBe('~ whether @bob is here is not known')
})

test('another profile of somebody is told in words that no terminal obeys', () => {
  const picture = chat.Picture.fromPartial({ imageId: 'i', width: 640, height: 480 })
  const profile = { userId: 'u', userName: 'bob', nickname: 'B\u001b[2J', about: '', picture }
  const [told] = eventLines({ type: 'profile', profile })
  expect(told?.text).toBe('~ @bob has a profile now: B␛[2J, [picture 640x480]')
  expect(told?.line).toMatchObject({ type: 'profile', name: 'bob', picture: { width: 640 } })
  const empty = { ...profile, nickname: '', picture: undefined }
  const [nothing] = eventLines({ type: 'profile', profile: empty })
  expect(nothing?.text).toBe('~ @bob has an empty profile now')
})
