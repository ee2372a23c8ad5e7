import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { idText } from '../ids.ts'
import { laneKey } from './send-item.ts'

const [bob, direct, group] = [1, 2, 3].map((n) => Buffer.alloc(16, n)) as [Buffer, Buffer, Buffer]
const peerOf = (id: string) => (id === idText(direct) ? idText(bob) : undefined)

const toUser = chat.Send.create({ target: { $case: 'userId', value: bob } })
const to = (value: Buffer) => chat.Send.create({ target: { $case: 'conversationId', value } })

test('messages to a person keep their lane when the direct conversation becomes known', () => {
  expect(laneKey(toUser, () => undefined)).toBe(laneKey(toUser, peerOf))
  expect(laneKey(to(direct), peerOf)).toBe(laneKey(toUser, peerOf))
})

test('messages to a group have a lane of their own', () => {
  expect(laneKey(to(group), peerOf)).toBe(idText(group))
})
