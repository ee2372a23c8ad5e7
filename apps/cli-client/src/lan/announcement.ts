import { keyBytes } from '@parley/direct'
import { maxNameBytes, parseName } from './lan-name.ts'

/** What a client shouts into its network: unproven until a channel has proven the key. */
export interface Announcement {
  readonly kind: 'here' | 'leaving'
  readonly name: string
  /** Where it listens, at the address that the datagram came from. */
  readonly tcpPort: number
  readonly publicKey: Uint8Array
}

const magic = Buffer.from('PLAN')
const version = 1
const kinds = ['here', 'leaving'] as const
const headBytes = magic.length + 1 + 1 + 2 + keyBytes + 1

/** The longest announcement. */
export const maxAnnouncementBytes = headBytes + maxNameBytes

/** An announcement as one datagram: `PLAN`, version, kind, port (16 bits), key, length of the name, name. */
export function encodeAnnouncement({ kind, name, tcpPort, publicKey }: Announcement): Buffer {
  const words = Buffer.from(name)
  const head = Buffer.alloc(headBytes)
  magic.copy(head)
  head.writeUInt8(version, 4)
  head.writeUInt8(kinds.indexOf(kind), 5)
  head.writeUInt16BE(tcpPort, 6)
  head.set(publicKey, 8)
  head.writeUInt8(words.length, headBytes - 1)
  return Buffer.concat([head, words])
}

/** The announcement in a datagram; undefined for anything else, also of a later version. */
export function parseAnnouncement(datagram: Uint8Array): Announcement | undefined {
  if (datagram.length <= headBytes || datagram.length > maxAnnouncementBytes) return undefined
  const bytes = Buffer.from(datagram)
  if (!bytes.subarray(0, 4).equals(magic) || bytes[4] !== version) return undefined
  const kind = kinds[bytes[5] ?? kinds.length]
  const tcpPort = bytes.readUInt16BE(6)
  if (kind === undefined || tcpPort === 0) return undefined
  if (bytes.length !== headBytes + (bytes[headBytes - 1] ?? 0)) return undefined
  const name = parseName(bytes.subarray(headBytes))
  if (name === undefined) return undefined
  return { kind, name, tcpPort, publicKey: Uint8Array.from(bytes.subarray(8, 8 + keyBytes)) }
}
