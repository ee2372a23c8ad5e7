import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { availabilityWord, contactStateWord, noticeWord, roleWord } from './names.ts'

test('enum values become stable lower-case words', () => {
  expect(availabilityWord(chat.Availability.ONLINE)).toBe('online')
  expect(contactStateWord(chat.ContactState.REQUESTED)).toBe('requested')
  expect(noticeWord(chat.Notice_Kind.GROUP_INVITED)).toBe('group-invited')
  expect(roleWord(chat.Role.OWNER)).toBe('owner')
})

test.each([0, -1, 99])('a value this client does not know (%i) is unknown', (value) => {
  expect(roleWord(value)).toBe('unknown')
})
