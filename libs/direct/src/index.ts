/** Two clients that talk without a server between them: their keys, and the encrypted channel. */
export { Channel, defaultChannelLimits, maxMessageBytes, openChannel } from './channel.ts'
export type { ChannelLimits, ChannelOptions } from './channel.ts'
export { fingerprintLength, fingerprintOf, parseFingerprint } from './fingerprint.ts'
export { maxHelloBytes } from './handshake-over.ts'
export { openKeyFile } from './key-file.ts'
export { keyBytes, keyPairOf, makeKeyPair } from './key-pair.ts'
export type { KeyPair } from './key-pair.ts'
export type { Role } from './noise/handshake.ts'
export {
  DatagramPath,
  defaultPathLimits,
  maxPathMessageBytes,
  openPath,
} from './udp/datagram-path.ts'
export type { PathLimits, PathOptions } from './udp/datagram-path.ts'
export type { Endpoint } from './udp/meeting.ts'
export { askWhere } from './udp/where-am-i.ts'
