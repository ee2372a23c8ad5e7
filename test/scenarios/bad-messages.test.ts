import { randomBytes } from 'node:crypto'
import { idBytes } from '@parley/client'
import { chat } from '@parley/proto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { describe, expect, test } from 'vitest'
import { clearReason, expiredAccess, hostileWorld, tampered } from '../harness/hostile-world.ts'
import { Tus } from '../harness/tus.ts'
import { Wire, helloOf, sendOf, textSend } from '../harness/wire.ts'
import type { DeviceLogin } from '../harness/wire.ts'

hostileWorld((get) => {
  describe('a message', () => {
    const text = (words: string): chat.Content => ({
      content: { $case: 'text', value: { text: words } },
    })
    const file = (fileId: string): chat.Content => {
      const rest = { name: 'x', size: 1, digest: Buffer.alloc(32), mediaType: 'text/plain' }
      return { content: { $case: 'file', value: { fileId, ...rest } } }
    }
    const toFriend = () => ({ userId: idBytes(get().friend.userId) })
    const toGroup = () => ({ conversationId: idBytes(get().group) })

    async function answerTo(send: Parameters<Wire['write']>[0]): Promise<string> {
      const wire = await Wire.hello(get().world.relay, get().eve.login(), { transient: true })
      wire.write(send)
      const id = send.$case === 'send' ? send.value.clientMessageId : Buffer.alloc(0)
      const answer = await wire.answer(id)
      wire.close()
      if (answer.$case !== 'refused') throw new Error(`not refused: ${answer.$case}`)
      expect(answer.value.message).not.toBe('')
      return answer.value.reason
    }
    const newId = () => uuidv7(systemScheduler)

    test.each<[string, () => Parameters<Wire['write']>[0], string | RegExp]>([
      ['of 16,385 bytes', () => textSend(newId(), toFriend(), 'x'.repeat(16_385)), 'TEXT_TOO_LONG'],
      ['without words', () => textSend(newId(), toFriend(), ''), clearReason],
      ['without content', () => sendOf(newId(), toFriend(), undefined), clearReason],
      ['to a group of others', () => textSend(newId(), toGroup(), 'hi'), 'NOT_A_MEMBER'],
      ['to nobody', () => textSend(newId(), { userId: newId() }, 'hi'), 'USER_UNKNOWN'],
      [
        'to an unknown conversation',
        () => textSend(newId(), { conversationId: newId() }, 'hi'),
        'NOT_A_MEMBER',
      ],
      [
        'to oneself',
        () => textSend(newId(), { userId: idBytes(get().eve.userId) }, 'hi'),
        clearReason,
      ],
      [
        'with an id that is no UUIDv7',
        () => textSend(randomBytes(16).fill(0xff), toFriend(), 'hi'),
        clearReason,
      ],
      [
        'that pretends to be the server',
        () =>
          sendOf(newId(), toFriend(), {
            content: { $case: 'erased', value: { why: 1 } },
          }),
        'CONTENT_NOT_ALLOWED',
      ],
      [
        'with a file and no receipt',
        () => sendOf(newId(), toFriend(), file('a'.repeat(32))),
        clearReason,
      ],
      [
        'with a receipt that is no token',
        () => sendOf(newId(), toFriend(), file('a'.repeat(32)), { receipt: 'no.to.ken' }),
        clearReason,
      ],
      [
        'that answers one not there',
        () => sendOf(newId(), toFriend(), text('re'), { replyToSeq: 999 }),
        clearReason,
      ],
      [
        'that forwards what one cannot see',
        () =>
          sendOf(newId(), toFriend(), undefined, {
            forwardOf: { conversationId: Buffer.from(idBytes(get().group)), seq: 1 },
          }),
        clearReason,
      ],
    ])('%s', async (_note, send, reason) => {
      expect(await answerTo(send())).toMatch(
        typeof reason === 'string' ? new RegExp(`^${reason}$`) : reason,
      )
    })

    test('to somebody who has blocked the sender', async () => {
      await get().stranger.calls.contacts.block({ userId: idBytes(get().eve.userId) })
      expect(
        await answerTo(textSend(newId(), { userId: idBytes(get().stranger.userId) }, 'hi')),
      ).toBe('BLOCKED')
    })

    test("with somebody else's receipt", async () => {
      const theirs = await new Tus(get().files, get().friend.login().accessToken).upload(
        Buffer.from('theirs'),
      )
      const receipt = theirs.headers.get('parley-receipt') ?? ''
      const id = theirs.headers.get('parley-file-id') ?? ''
      expect(receipt).not.toBe('')
      expect(await answerTo(sendOf(newId(), toFriend(), file(id), { receipt }))).toMatch(
        clearReason,
      )
    })

    test("with one's own receipt for another's file id, or with a bit of it changed", async () => {
      const own = await new Tus(get().files, get().eve.login().accessToken).upload(
        Buffer.from('mine'),
      )
      const receipt = own.headers.get('parley-receipt') ?? ''
      const id = own.headers.get('parley-file-id') ?? ''
      expect(
        await answerTo(sendOf(newId(), toFriend(), file(id), { receipt: tampered(receipt) })),
      ).toMatch(clearReason)
    })
  })

  describe('a stream', () => {
    async function endOf(write: (wire: Wire) => void) {
      const wire = new Wire(get().world.relay)
      write(wire)
      const end = await wire.ended
      wire.close()
      return end
    }
    const hello = (options: Partial<chat.Hello> = {}, login = get().eve.login()) =>
      ({ $case: 'hello', value: helloOf(login, { transient: true, ...options }) }) as const

    test.each<[string, (wire: Wire) => void, string | undefined]>([
      [
        'that sends before its hello',
        (wire) =>
          wire.write(
            textSend(uuidv7(systemScheduler), { userId: idBytes(get().friend.userId) }, 'hi'),
          ),
        'HELLO_FIRST',
      ],
      ['with an empty token', (wire) => wire.write(hello({ accessToken: '' })), 'TOKEN_MISSING'],
      [
        'with a tampered token',
        (wire) => wire.write(hello({ accessToken: tampered(get().eve.login().accessToken) })),
        'TOKEN_INVALID',
      ],
      [
        "with another device's id",
        (wire) => wire.write(hello({ deviceId: Buffer.from(uuidv7(systemScheduler)) })),
        'DEVICE_MISMATCH',
      ],
      [
        'of a protocol to come',
        (wire) => wire.write(hello({ protocolMin: 99, protocolMax: 99 })),
        'PROTOCOL_UNSUPPORTED',
      ],
      ['that says hello twice', (wire) => wire.write(hello(), hello()), 'HELLO_TWICE'],
      [
        'of bytes that are no frame',
        (wire) => wire.writeBytes(Buffer.from('ffffffffffff', 'hex')),
        undefined,
      ],
      [
        'with a number above 2^53',
        (wire) => wire.writeBytes(aboveSafe(get().eve.login())),
        undefined,
      ],
      [
        'with a frame of more than 256 KiB',
        (wire) => wire.writeBytes(Buffer.alloc(300 * 1024)),
        undefined,
      ],
    ])('%s', async (_note, write, reason) => {
      const end = await endOf(write)
      expect(end.code).not.toBe(0)
      if (reason !== undefined) expect(end.reason).toBe(reason)
      expect(end.details).not.toMatch(/at .*\.ts:|\bstack\b/)
    })

    test('with an expired token', async () => {
      const accessToken = await expiredAccess(get())
      expect((await endOf((wire) => wire.write(hello({ accessToken })))).reason).toBe(
        'TOKEN_EXPIRED',
      )
    })

    test('with fields from a later protocol is served', async () => {
      const wire = new Wire(get().world.relay)
      const frame = chat.ConnectRequest.encode({ commands: [{ command: hello() }] }).finish()
      // Field 1000, length-delimited, "later".
      wire.writeBytes(Buffer.concat([frame, Buffer.from([0xc2, 0x3e, 5]), Buffer.from('later')]))
      await wire.next('welcome')
      wire.close()
    })
  })
})

/** A frame whose hello claims a cursor at 2^60. */
function aboveSafe(login: DeviceLogin): Uint8Array {
  const cursor = { conversationId: Buffer.alloc(16), epoch: 1, seq: Number.MAX_SAFE_INTEGER }
  const value = helloOf(login, { cursors: [cursor] })
  const bytes = Buffer.from(
    chat.ConnectRequest.encode({ commands: [{ command: { $case: 'hello', value } }] }).finish(),
  )
  // 2^53 - 1 is seven bytes of 0xff and 0x0f; this makes the last one 0x7f.
  const at = bytes.indexOf(Buffer.from('ffffffffffffff0f', 'hex'))
  bytes.writeUInt8(0x7f, at + 7)
  return bytes
}
