/** The bounds of every bus; docs/limits.md has a row for each. */
export const busLimits = {
  /** Longest message. */
  payloadBytes: 512 * 1024,
  /** Longest subject, in characters. */
  subjectChars: 128,
  /** Messages that wait for one slow listener; the oldest is dropped beyond. */
  pendingMessages: 1_024,
  /** Bytes that wait for one slow listener; the oldest are dropped beyond. */
  pendingBytes: 4 * 1024 * 1024,
  /** Bytes sent that the server has not confirmed; a publish is dropped beyond. */
  unconfirmedBytes: 8 * 1024 * 1024,
  /** Subscriptions of one bus. */
  subscriptions: 200_000,
  /** How long a flush waits. */
  flushMs: 2_000,
  /** How long one attempt to connect may take. */
  connectMs: 2_000,
  /** Most time between two attempts to connect. */
  reconnectCapMs: 1_000,
  /** How often a silent server is asked for a sign of life; the second unanswered one ends the connection. */
  pingMs: 5_000,
} as const
