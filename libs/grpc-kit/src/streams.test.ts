import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { StreamWriter, readStream } from './index.ts'
import type { CallInfo } from './index.ts'
import { setup } from './setup.fixture.ts'

const ping = (nonce: number): chat.ConnectRequest => ({
  commands: [{ command: { $case: 'ping', value: { nonce } } }],
})

const pong = (nonce: number): chat.ConnectResponse => ({
  events: [{ event: { $case: 'pong', value: { nonce, serverTimeMs: 0 } } }],
})

const nonceOf = (message: chat.ConnectRequest) => {
  const command = message.commands[0]?.command
  return command?.$case === 'ping' ? command.value.nonce : -1
}

describe('a bidirectional stream', () => {
  test('carries messages both ways in order and ends when the handler returns', async () => {
    const { open } = await setup({
      async connect(messages, writer) {
        for await (const message of messages) await writer.write(pong(nonceOf(message)))
      },
    })
    const stream = open().chat.client.connect()
    const writer = new StreamWriter<chat.ConnectRequest>(stream)
    const writeAll = async () => {
      for (let nonce = 1; nonce <= 500; nonce += 1) await writer.write(ping(nonce))
      await writer.end()
    }
    const written = writeAll()
    const received: chat.ConnectResponse[] = []
    for await (const message of readStream<chat.ConnectResponse>(stream)) received.push(message)
    await written
    expect(received).toEqual(Array.from({ length: 500 }, (_, index) => pong(index + 1)))
  })

  test('what the handler throws ends it with a reason', async () => {
    const { open, lines } = await setup({
      async connect(messages) {
        for await (const message of messages) {
          throw new AppError('precondition', 'HELLO_MISSING', `got ${nonceOf(message)} first`)
        }
      },
    })
    const stream = open().chat.client.connect()
    stream.write(ping(7))
    await expect(readStream(stream).next()).rejects.toMatchObject({
      kind: 'precondition',
      reason: 'HELLO_MISSING',
      message: 'got 7 first',
    })
    expect(lines).toEqual([])
  })

  test('a number beyond 2^53 ends it as INVALID_ARGUMENT, not as a crash', async () => {
    const { open } = await setup({
      async connect(messages, writer) {
        for await (const message of messages) await writer.write(pong(nonceOf(message)))
      },
    })
    const stream = open().chat.client.connect()
    stream.write(ping(2 ** 53))
    await expect(readStream(stream).next()).rejects.toMatchObject({
      kind: 'invalid',
      reason: 'NUMBER_TOO_LARGE',
    })
  })

  test('a client that hangs up aborts the signal and ends the loop, and nothing is logged', async () => {
    const seen: { call?: CallInfo; left?: boolean } = {}
    const { open, lines } = await setup({
      async connect(messages, _writer, call) {
        seen.call = call
        for await (const message of messages) void message
        seen.left = true
      },
    })
    const stream = open().chat.client.connect()
    stream.on('error', () => undefined)
    stream.write(ping(1))
    await eventually(() => seen.call !== undefined)
    stream.cancel()
    await eventually(() => seen.left === true && seen.call?.signal.aborted === true)
    expect(lines).toEqual([])
  })
})

describe('a reader that stops', () => {
  const text = 'x'.repeat(60_000)
  const heavy: chat.ConnectResponse = {
    events: [{ event: { $case: 'kicked', value: { reason: text } } }],
  }

  test('fills the writer up to its bound and no further, then gets every message', async () => {
    const offered = { taken: 0, refused: 0 }
    const { open } = await setup({
      async connect(messages, writer) {
        while (writer.offer(heavy)) offered.taken += 1
        offered.refused = writer.queued
        for await (const message of messages) void message
      },
    })
    const stream = open().chat.client.connect()
    stream.write(ping(1))
    await eventually(() => offered.refused > 0)
    expect(offered.refused).toBe(256)
    stream.end()
    let received = 0
    for await (const message of readStream<chat.ConnectResponse>(stream)) {
      received += message.events.length
    }
    expect(received).toBe(offered.taken)
  })
})
