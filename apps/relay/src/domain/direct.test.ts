import { chat } from '@parley/proto'
import { describe, expect, test } from 'vitest'
import { isDirect, isHost, maxCandidates } from './direct.ts'

const publicKey = Buffer.alloc(32, 9)
const here = { transport: 1 as const, address: Buffer.from([127, 0, 0, 1]), port: 50_000 }

function direct(parts: Partial<chat.Direct>): chat.Direct {
  return { ...chat.Direct.create({ step: 1, publicKey, candidates: [here] }), ...parts }
}

describe('a step towards a path between two devices', () => {
  test('is an offer to all devices, an answer to one, or a withdrawal', () => {
    expect(isDirect(direct({}))).toBe(true)
    expect(isDirect(direct({ candidates: [] }))).toBe(true)
    expect(isDirect(direct({ step: 2, deviceId: Buffer.alloc(16, 1) }))).toBe(true)
    expect(isDirect(chat.Direct.create({ step: 3 }))).toBe(true)
  })

  test.each<[string, Partial<chat.Direct>]>([
    ['no step', { step: 0 }],
    ['a step of later', { step: 9 as never }],
    ['an offer to one device', { deviceId: Buffer.alloc(16, 1) }],
    ['an answer to nobody', { step: 2 }],
    ['no key', { publicKey: Buffer.alloc(0) }],
    ['half a key', { publicKey: Buffer.alloc(16) }],
    ['too many addresses', { candidates: Array.from({ length: maxCandidates + 1 }, () => here) }],
    ['a port of a service', { candidates: [{ ...here, port: 1_023 }] }],
    ['a port that is none', { candidates: [{ ...here, port: 65_536 }] }],
    ['no transport', { candidates: [{ ...here, transport: 0 }] }],
    ['a name', { candidates: [{ ...here, address: Buffer.from('example.org') }] }],
  ])('is not: %s', (_name, parts) => {
    expect(isDirect(direct(parts))).toBe(false)
  })
})

test('an address is of one host, also of this network and this machine', () => {
  const v4 = [
    [10, 0, 0, 1],
    [192, 168, 1, 2],
    [127, 0, 0, 1],
    [203, 0, 113, 9],
  ]
  expect(v4.map((bytes) => isHost(Buffer.from(bytes)))).toEqual(v4.map(() => true))
  const none = [[0, 0, 0, 0], [224, 0, 0, 1], [239, 1, 2, 3], [255, 255, 255, 255], [1, 2, 3], []]
  expect(none.map((bytes) => isHost(Buffer.from(bytes)))).toEqual(none.map(() => false))
  const v6 = (hex: string) => isHost(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  expect(v6('fe80 0000 0000 0000 0000 0000 0000 0001')).toBe(true)
  expect(v6('2001 0db8 0000 0000 0000 0000 0000 0001')).toBe(true)
  expect(v6('0000 0000 0000 0000 0000 0000 0000 0001')).toBe(true)
  expect(v6('0000 0000 0000 0000 0000 0000 0000 0000')).toBe(false)
  expect(v6('0000 0000 0000 0000 0000 ffff 7f00 0001')).toBe(false)
  expect(v6('ff02 0000 0000 0000 0000 0000 0000 0001')).toBe(false)
})
