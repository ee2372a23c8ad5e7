import { describe, expect, test } from 'vitest'
import { keyPairOf } from '../key-pair.ts'
import { CipherState } from './cipher-state.ts'
import { Handshake } from './handshake.ts'
import { vectors } from './vectors.fixture.ts'

const bytes = (hex: string) => Buffer.from(hex, 'hex')

function pair(vector: (typeof vectors)[number]) {
  const prologue = bytes(vector.prologue)
  const side = (role: 'initiator' | 'responder', me: string, ephemeral: string) =>
    new Handshake({
      role,
      prologue,
      me: keyPairOf(bytes(me)),
      ephemeral: keyPairOf(bytes(ephemeral)),
    })
  return [
    side('initiator', vector.initStatic, vector.initEphemeral),
    side('responder', vector.respStatic, vector.respEphemeral),
  ] as const
}

describe.each(vectors)('Noise_XX_25519_ChaChaPoly_SHA256, vector of $source', (vector) => {
  test('makes and takes exactly the published bytes', () => {
    const [initiator, responder] = pair(vector)
    const handshake = vector.messages.slice(0, 3)
    for (const [nth, { payload, ciphertext }] of handshake.entries()) {
      const [from, to] = nth % 2 === 0 ? [initiator, responder] : [responder, initiator]
      expect(from.write(bytes(payload)).toString('hex')).toBe(ciphertext)
      expect(Buffer.from(to.read(bytes(ciphertext))).toString('hex')).toBe(payload)
    }
    const [one, other] = [initiator.finish(), responder.finish()]
    expect(one.remoteKey).toEqual(keyPairOf(bytes(vector.respStatic)).publicKey)
    expect(other.remoteKey).toEqual(keyPairOf(bytes(vector.initStatic)).publicKey)
    expect(one.binding).toEqual(other.binding)
    if (vector.handshakeHash)
      expect(Buffer.from(one.binding).toString('hex')).toBe(vector.handshakeHash)
    const nothing = Buffer.alloc(0)
    for (const [nth, { payload, ciphertext }] of vector.messages.slice(3).entries()) {
      const [from, to] = nth % 2 === 0 ? [other, one] : [one, other]
      expect(from.send.encrypt(nothing, bytes(payload)).toString('hex')).toBe(ciphertext)
      expect(to.receive.decrypt(nothing, bytes(ciphertext)).toString('hex')).toBe(payload)
    }
  })

  test('takes no message with one bit changed, wherever', () => {
    const { messages } = vector
    for (const nth of [1, 2]) {
      const genuine = bytes(messages[nth]!.ciphertext)
      for (let at = 0; at < genuine.length; at += 5) {
        const [initiator, responder] = pair(vector)
        responder.read(initiator.write(bytes(messages[0]!.payload)))
        const second = responder.write(bytes(messages[1]!.payload))
        if (nth === 2) initiator.read(second)
        const forged = Buffer.from(genuine)
        forged[at]! ^= 1
        const reader = nth === 1 ? initiator : responder
        expect(() => reader.read(forged)).toThrow()
      }
    }
  })
})

describe('a handshake', () => {
  const [vector] = vectors

  test('refuses public keys that lead to no secret', () => {
    for (const key of [Buffer.alloc(32), Buffer.alloc(32).fill(1, 0, 1)]) {
      const [, responder] = pair(vector!)
      responder.read(key)
      expect(() => responder.write(Buffer.alloc(0))).toThrow()
    }
  })

  test('refuses what is too short, and more messages than there are', () => {
    const [initiator, responder] = pair(vector!)
    expect(() => responder.read(Buffer.alloc(31))).toThrow('too short')
    expect(() => initiator.finish()).toThrow('goes on')
    const [one, other] = pair(vector!)
    const nothing = Buffer.alloc(0)
    other.read(one.write(nothing))
    one.read(other.write(nothing))
    other.read(one.write(nothing))
    expect(() => one.write(nothing)).toThrow('over')
  })

  test('does not lead to one secret when the sides began with different words', () => {
    const key = keyPairOf(Buffer.alloc(32, 7))
    const start = (role: 'initiator' | 'responder', words: string) =>
      new Handshake({ role, me: key, prologue: Buffer.from(words) })
    const [one, other] = [start('initiator', 'lan'), start('responder', 'chat')]
    other.read(one.write(Buffer.alloc(0)))
    expect(() => one.read(other.write(Buffer.alloc(0)))).toThrow()
  })
})

test('a cipher goes on under a new key when both sides change it, and only then', () => {
  const key = Buffer.alloc(32, 3)
  const [one, other] = [new CipherState(key), new CipherState(key)]
  const about = Buffer.alloc(0)
  expect(other.decrypt(about, one.encrypt(about, Buffer.from('a'))).toString()).toBe('a')
  one.rekey()
  const after = one.encrypt(about, Buffer.from('b'))
  expect(() => other.decrypt(about, after)).toThrow()
  other.rekey()
  expect(other.decrypt(about, after).toString()).toBe('b')
  expect(() => other.decrypt(about, Buffer.alloc(15))).toThrow('too short')
})
