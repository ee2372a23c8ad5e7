import type { Duplex } from 'node:stream'
import { AppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { defaultChannelLimits } from './channel-limits.ts'
import type { ChannelLimits } from './channel-limits.ts'
import { Channel } from './channel.ts'
import { handshakeOver, maxHelloBytes } from './handshake-over.ts'
import type { KeyPair } from './key-pair.ts'
import type { Role } from './noise/handshake.ts'

const nothing = Buffer.alloc(0)

/** How a channel is opened. */
export interface ChannelOptions {
  readonly me: KeyPair
  /** The side that connected is the initiator. */
  readonly role: Role
  /** What the channel is for: both sides must say the same, or neither believes the other. */
  readonly purpose: string
  /** The one key that the other side may have, or which it may have; any unless told. */
  readonly expect?: Uint8Array | ((remoteKey: Uint8Array) => boolean)
  /** Told to the other side within the handshake; at most 1,024 bytes. */
  readonly hello?: Uint8Array
  readonly limits?: Partial<ChannelLimits>
  readonly scheduler?: Scheduler
}

/**
 * Opens an encrypted channel over a connected socket: both sides prove their keys. Throws `AppError`
 * (HANDSHAKE_LATE, HANDSHAKE_CUT, HANDSHAKE_WRONG, KEY_UNEXPECTED), the socket is then destroyed.
 */
export async function openChannel(socket: Duplex, options: ChannelOptions): Promise<Channel> {
  const { me, role, purpose, expect, hello = nothing, scheduler = systemScheduler } = options
  if (hello.length > maxHelloBytes) {
    throw new AppError('too-large', 'HELLO_TOO_LARGE', `a hello has at most ${maxHelloBytes} bytes`)
  }
  const limits = { ...defaultChannelLimits, ...options.limits }
  const prologue = Buffer.from(`parley direct 1\0${purpose}`)
  const mayBe = typeof expect === 'function' ? expect : (key: Uint8Array) => isKey(key, expect)
  const limitMs = limits.handshakeMs
  const terms = { me, role, prologue, hello, mayBe, limitMs, scheduler }
  const done = await handshakeOver(socket, terms)
  return new Channel(socket, { ...done, localKey: me.publicKey, limits, scheduler })
}

function isKey(key: Uint8Array, expected: Uint8Array | undefined): boolean {
  return expected === undefined || Buffer.compare(key, expected) === 0
}
