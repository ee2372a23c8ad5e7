import { chat } from '@parley/proto'
import { describe, expect, test } from 'vitest'
import { maxFrameBytes, maxFrameCommands, sendCommand, takeFrame } from './frames.ts'

function ping(nonce: number): Uint8Array {
  return chat.Command.encode({ command: { $case: 'ping', value: { nonce } } }).finish()
}

function sendOf(bytes: number): Uint8Array {
  const content = { content: { $case: 'text' as const, value: { text: 'x'.repeat(bytes) } } }
  return chat.Send.encode(chat.Send.fromPartial({ content })).finish()
}

describe('frames', () => {
  test.each([0, 1, 120, 127, 128, 16_000, 60_000])(
    'carry a send of %d bytes as the generated code reads it',
    (bytes) => {
      const send = sendOf(bytes)
      const queue = [ping(1), sendCommand(send), ping(2)]
      const { commands } = chat.ConnectRequest.decode(takeFrame(queue))
      expect(commands.map(({ command }) => command?.$case)).toEqual(['ping', 'send', 'ping'])
      expect(commands[1]?.command?.value).toEqual(chat.Send.decode(send))
      expect(queue).toEqual([])
    },
  )

  test('end before they grow over their bounds, and lose nothing', () => {
    const queue = Array.from({ length: 60 }, () => sendCommand(sendOf(16_000)))
    const sizes: number[] = []
    let count = 0
    while (queue.length > 0) {
      const frame = takeFrame(queue)
      sizes.push(frame.length)
      count += chat.ConnectRequest.decode(frame).commands.length
    }
    expect(count).toBe(60)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(maxFrameBytes)
  })

  test('hold a bounded number of commands', () => {
    const queue = Array.from({ length: 1_000 }, (_, index) => ping(index))
    const { commands } = chat.ConnectRequest.decode(takeFrame(queue))
    expect(commands).toHaveLength(maxFrameCommands)
    expect(queue).toHaveLength(1_000 - maxFrameCommands)
  })
})
