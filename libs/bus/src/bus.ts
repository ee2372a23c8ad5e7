/**
 * Takes one message. Of one subscription the next message waits until the promise of the last
 * one has settled; what waits is bounded and the oldest is dropped beyond that.
 */
export type BusListener = (payload: Uint8Array, subject: string) => void | Promise<void>

/** Something that goes on until it is closed. */
export interface Subscription {
  /** Ends it: the listener is not called again. Harmless when done before. */
  close(): void
}

/** What a bus did not do, since it was opened. */
export interface BusCounts {
  /** Messages not sent: the server was away, or did not take them fast enough. */
  readonly droppedPublishes: number
  /** Messages that came but were dropped because their listener was slow. */
  readonly droppedDeliveries: number
  /** Listeners that threw or rejected. */
  readonly listenerFailures: number
  /** Times the server came back after being away. */
  readonly reconnects: number
}

/**
 * Hints between processes. A bus may lose, repeat or reorder anything and says so in its counts;
 * whoever needs the truth reads it from its owner, and again on every `onReconnect`.
 */
export interface Bus {
  /**
   * Sends to whoever subscribed, this bus excepted, and keeps no copy: while the server is away
   * the message is dropped and counted. The payload must not be changed afterwards. Throws
   * `AppError` (invalid, SUBJECT_INVALID; too-large, PAYLOAD_TOO_LARGE).
   */
  publish(subject: string, payload: Uint8Array): void
  /**
   * Calls the listener with each message of that literal subject, from now on and again after
   * every return of the server. Throws `AppError` (invalid, SUBJECT_INVALID; exhausted,
   * TOO_MANY_SUBSCRIPTIONS; unavailable, BUS_CLOSED).
   */
  subscribe(subject: string, listener: BusListener): Subscription
  /**
   * Resolves when the server has taken in all that was published and subscribed before; rejects
   * with `AppError` (unavailable, BUS_AWAY; deadline, TIMED_OUT after 2 s).
   */
  flush(): Promise<void>
  /** Sends what is under way and ends every subscription; a second call does nothing more. */
  close(): Promise<void>
  /** Whether the server is there now, as far as this end knows. */
  readonly connected: boolean
  /**
   * Calls back each time the server is there after it was not, its absence at the start included,
   * with all subscriptions restored: whatever was said in between is lost.
   */
  onReconnect(listener: () => void): Subscription
  /** What was dropped so far. */
  counts(): BusCounts
}
