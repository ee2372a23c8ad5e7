import { chat } from '@parley/proto'
import { jsonForm } from '@parley/proto/json'

type Command = NonNullable<chat.Command['command']>

const id = Buffer.alloc(16, 7)
const commands: readonly Command[] = [
  { $case: 'hello', value: chat.Hello.create({ accessToken: 'a.b.c', deviceId: id }) },
  {
    $case: 'send',
    value: chat.Send.create({
      clientMessageId: id,
      target: { $case: 'userId', value: id },
      content: { content: { $case: 'text', value: { text: 'Grüße, 你好 👋' } } },
    }),
  },
  { $case: 'ack', value: chat.Ack.create({}) },
  { $case: 'read', value: chat.Read.create({}) },
  { $case: 'pull', value: chat.Pull.create({}) },
  { $case: 'typing', value: chat.SetTyping.create({}) },
  { $case: 'watch', value: chat.Watch.create({ userIds: [id, id] }) },
  { $case: 'ping', value: { nonce: 5 } },
  { $case: 'bye', value: {} },
]

/** Frames of a device: each command alone, and all of them. */
export const frames: readonly Buffer[] = [
  ...commands.map((command) => frameOf(command)),
  frameOf(...commands),
]

/** The same as JSON. */
export const jsonFramesText: readonly Buffer[] = frames.map((frame) =>
  Buffer.from(jsonForm('parley.chat.v1.ConnectRequest').toText(frame)),
)

/** Pieces of JSON frames, and of JSON that is none. */
export const jsonWords: readonly Buffer[] = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\u0000',
  '\\',
  'null',
  'true',
  '1e999',
  '-0',
  '1.5',
  '{"commands":[',
  '{"send":{',
  '"content":{"text":{"text":"',
  '{"hello":{"accessToken":"',
  '"userId":"',
  'AAAA',
  '"\ud800"',
  '{"__proto__":{',
  '"@type":',
  '"commands":',
].map((word) => Buffer.from(word))

/** Tags and lengths of protobuf. */
export const protobufWords: readonly Buffer[] = [
  [0x0a],
  [0x12],
  [0x1a],
  [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x0b],
  [0x0c],
  [0x0a, 0x00],
  [0x52, 0x02, 0x08, 0x05],
].map((bytes) => Buffer.from(bytes))

function frameOf(...all: readonly Command[]): Buffer {
  const request = chat.ConnectRequest.create({ commands: all.map((command) => ({ command })) })
  return Buffer.from(chat.ConnectRequest.encode(request).finish())
}
