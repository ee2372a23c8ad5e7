/** The bounds of a channel. */
export interface ChannelLimits {
  readonly handshakeMs: number
  /** Of what is sent but was not taken by the system. */
  readonly unsentBytes: number
  /** From here on `send` asks to wait. */
  readonly enoughUnsentBytes: number
  /** In each direction, under one key. */
  readonly messagesPerKey: number
  /** In each direction, until the channel is over. */
  readonly messages: number
  /** For the last words to leave. */
  readonly closeMs: number
}

/** The bounds unless told. */
export const defaultChannelLimits: ChannelLimits = {
  handshakeMs: 5_000,
  unsentBytes: 1_048_576,
  enoughUnsentBytes: 131_072,
  messagesPerKey: 65_536,
  messages: 2 ** 48,
  closeMs: 1_000,
}
