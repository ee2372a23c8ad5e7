/** Two clients that talk without a server between them: their keys, and the encrypted channel. */
export { defaultChannelLimits } from './channel-limits.ts'
export type { ChannelLimits } from './channel-limits.ts'
export { Channel, maxMessageBytes } from './channel.ts'
export { fingerprintLength, fingerprintOf, parseFingerprint } from './fingerprint.ts'
export { maxHelloBytes } from './handshake-over.ts'
export { openKeyFile } from './key-file.ts'
export { keyBytes, keyPairOf, makeKeyPair } from './key-pair.ts'
export type { KeyPair } from './key-pair.ts'
export type { Role } from './noise/handshake.ts'
export { openChannel } from './open-channel.ts'
export type { ChannelOptions } from './open-channel.ts'
export {
  DatagramPath,
  defaultPathLimits,
  maxPathMessageBytes,
  openPath,
} from './udp/datagram-path.ts'
export type { PathLimits, PathOptions } from './udp/datagram-path.ts'
export type { Endpoint } from './udp/meeting.ts'
export { askWhere } from './udp/where-am-i.ts'
