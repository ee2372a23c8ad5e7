import { describe, expect, test } from 'vitest'
import { chat } from './index.ts'
import { jsonForm, methodForm } from './json.ts'

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

describe('the JSON of a method', () => {
  test('is that of its two messages', () => {
    const { request, response } = methodForm('/parley.chat.v1.Accounts/Login')
    const asked = chat.LoginRequest.decode(request.toBytes('{"name":"ann","deviceId":"AQI="}'))
    expect(asked).toMatchObject({ name: 'ann', deviceId: Buffer.from([1, 2]) })
    const credentials = chat.Credentials.create({ accessToken: 'a.b.c' })
    const bytes = chat.LoginResponse.encode(chat.LoginResponse.create({ credentials })).finish()
    expect(JSON.parse(response.toText(bytes))).toEqual({ credentials: { accessToken: 'a.b.c' } })
  })

  test.each(['/parley.chat.v1.Accounts/Nothing', '/parley.chat.v1.Nothing/Login', 'x', ''])(
    'is had of methods that exist: %s',
    (path) => {
      expect(() => methodForm(path)).toThrow('there is no method')
    },
  )
})
