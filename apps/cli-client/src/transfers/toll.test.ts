import { AppError } from '@parley/errors'
import { expect, test } from 'vitest'
import { Toll } from './toll.ts'

const refused = new AppError('invalid', 'TYPE_REFUSED', 'no')
const away = new AppError('unavailable', 'UNREACHABLE', 'away')
const interrupted = new AppError('cancelled', 'INTERRUPTED', 'interrupted')

function messageOf(error: unknown): string {
  return (error as Error).message
}

test('some that failed are a refusal in the end', () => {
  const toll = new Toll('sent', 3)
  toll.handed()
  toll.failed(refused)
  expect(() => toll.assertAll()).toThrow('1 of 3 were not sent')
  expect(() => new Toll('sent', 3).assertAll()).not.toThrow()
})

test.each([
  ['a server that is away', away],
  ['a login that has ended', new AppError('unauthenticated', 'LOGIN_ENDED', 'ended')],
  ['an interruption', interrupted],
])('%s ends everything', (_note, error) => {
  expect(() => new Toll('sent', 3).failed(error)).toThrow(error)
})

test('the failure of a single file is that of the command', () => {
  expect(() => new Toll('sent', 1).failed(refused)).toThrow(refused)
})

test('what is cut short says how to go on, without what was sent', () => {
  const toll = new Toll('sent', 9, 4)
  for (let nth = 0; nth < 3; nth += 1) toll.handed()
  toll.failed(refused)
  expect(messageOf(toll.cutShort(interrupted))).toBe(
    'interrupted; 2 of 9 were sent, 1 failed; with --skip 7 it goes on where this one stopped',
  )
})

test('the one that waits in the outbox when everything ends is not said to be sent', () => {
  const toll = new Toll('sent', 5)
  for (let nth = 0; nth < 3; nth += 1) toll.handed()
  expect(() => toll.failed(away)).toThrow(away)
  expect(messageOf(toll.cutShort(away))).toBe(
    'away; 2 of 5 were sent; with --skip 3 it goes on where this one stopped',
  )
})

test.each([
  ['a single upload', new Toll('sent', 1)],
  ['several of which none was sent', new Toll('sent', 2)],
  ['downloads', new Toll('fetched', 5)],
])('of %s the same command goes on', (_note, toll) => {
  const message = messageOf(toll.cutShort(interrupted))
  expect(message).toContain('the same command goes on where this one stopped')
})

test('a refusal is no cut', () => {
  expect(new Toll('sent', 2).cutShort(refused)).toBe(refused)
})
