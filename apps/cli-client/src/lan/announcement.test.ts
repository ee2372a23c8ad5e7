import { makeKeyPair } from '@parley/direct'
import { seededRandom } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { encodeAnnouncement, maxAnnouncementBytes, parseAnnouncement } from './announcement.ts'

const { publicKey } = makeKeyPair()
const here = { kind: 'here', name: 'ann', tcpPort: 40_000, publicKey } as const

describe('an announcement', () => {
  test.each([
    ['of somebody who is here', here],
    ['of somebody who leaves', { ...here, kind: 'leaving' }],
    ['in Chinese', { ...here, name: '张三' }],
    ['with the longest name', { ...here, name: 'x'.repeat(64) }],
  ] as const)('%s is read as it was made', (_what, announcement) => {
    const datagram = encodeAnnouncement(announcement)
    expect(datagram.length).toBeLessThanOrEqual(maxAnnouncementBytes)
    expect(parseAnnouncement(datagram)).toEqual(announcement)
  })

  test('is none when it is of a later version, cut, longer, or says nonsense', () => {
    const genuine = encodeAnnouncement(here)
    const changed = (at: number, value: number) => {
      const datagram = Buffer.from(genuine)
      datagram[at] = value
      return datagram
    }
    const wrong = [
      Buffer.alloc(0),
      Buffer.from('GET / HTTP/1.1\r\n\r\n and so on, and so on, and so on'),
      changed(0, 0),
      changed(4, 2),
      changed(5, 2),
      Buffer.concat([genuine, Buffer.from('x')]),
      Buffer.concat([genuine, Buffer.alloc(2_000)]),
      encodeAnnouncement({ ...here, tcpPort: 0 }),
      ...Array.from({ length: genuine.length }, (_, bytes) => genuine.subarray(0, bytes)),
    ]
    for (const datagram of wrong) expect(parseAnnouncement(datagram)).toBeUndefined()
  })

  test.each(['', ' ann', 'ann\n', 'a\u001B[2Jb', 'ann\u202E', 'x'.repeat(65), 'a\uD800'])(
    'has no name that deceives: %j',
    (name) => {
      const datagram = encodeAnnouncement({ ...here, name: name.replace('\uD800', '') })
      const forged = name.includes('\uD800')
        ? Buffer.concat([datagram.subarray(0, 40), Buffer.from([2, 0x61, 0xff])])
        : datagram
      expect(parseAnnouncement(forged)).toBeUndefined()
    },
  )

  test('never fails, whatever the bytes', () => {
    const random = seededRandom(7)
    const byte = () => Math.floor(random() * 256)
    const genuine = encodeAnnouncement(here)
    for (let nth = 0; nth < 20_000; nth += 1) {
      const datagram =
        nth % 2 === 0
          ? Uint8Array.from({ length: byte() }, byte)
          : Uint8Array.from(genuine, (value) => (random() < 0.05 ? byte() : value))
      const read = parseAnnouncement(datagram)
      if (read) expect(encodeAnnouncement(read)).toEqual(Buffer.from(datagram))
    }
  })
})
