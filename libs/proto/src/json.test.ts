import { describe, expect, test } from 'vitest'
import { chat } from './index.ts'
import { jsonForm } from './json.ts'

const requests = jsonForm('parley.chat.v1.ConnectRequest')

describe('the JSON of a message', () => {
  test('names fields, bytes and large numbers as proto3 says, and comes back the same', () => {
    const ack = { conversationId: Buffer.alloc(3, 0xff), epoch: 1, seq: 2 ** 40 }
    const request = chat.ConnectRequest.create({
      commands: [{ command: { $case: 'ack', value: ack } }],
    })
    const bytes = chat.ConnectRequest.encode(request).finish()
    const text = requests.toText(bytes)
    expect(JSON.parse(text)).toEqual({
      commands: [{ ack: { conversationId: '////', epoch: '1', seq: '1099511627776' } }],
    })
    expect(chat.ConnectRequest.decode(requests.toBytes(text))).toEqual(request)
  })

  test('may have fields that are not known yet', () => {
    const bytes = requests.toBytes('{"commands":[{"ping":{"nonce":"7","more":[]}}],"later":{}}')
    const [command] = chat.ConnectRequest.decode(bytes).commands
    expect(command?.command).toEqual({ $case: 'ping', value: { nonce: 7 } })
  })

  test.each(['', '[]', '{"commands":7}', '{"commands":[{"ping":{},"bye":{}}]}'])(
    'is refused when it is no such message: %s',
    (text) => {
      expect(() => requests.toBytes(text)).toThrow()
    },
  )

  test('is had of types that exist', () => {
    expect(() => jsonForm('parley.chat.v1.Nothing')).toThrow('there is no message type')
  })
})
