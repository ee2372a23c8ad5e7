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
