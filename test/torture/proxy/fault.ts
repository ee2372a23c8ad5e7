/** What is wrong with one direction of a way; nothing unless told. */
export interface Fault {
  /** Every byte comes so much later. */
  readonly latencyMs?: number
  /** Bytes leave in writes of at most so many; 1 for the worst. */
  readonly sliceBytes?: number
  /** Nothing moves; senders find their buffers full. What waits goes on when this is lifted. */
  readonly stalled?: boolean
  /** After so many bytes of a connection, counted from now, what follows is swallowed in silence. */
  readonly blackholeAfterBytes?: number
  /** At the first byte beyond so many of a connection, counted from now, both its sides are reset. */
  readonly resetAfterBytes?: number
  /** The receiver is not told that the sender is gone. */
  readonly halfOpen?: boolean
}

/** What is wrong with a way: `up` leads to the target, `down` back from it. */
export interface Faults {
  readonly up?: Fault
  readonly down?: Fault
  /** New connections are reset. */
  readonly refuses?: boolean
}

/** The same fault in both directions. */
export function bothWays(fault: Fault): Faults {
  return { up: fault, down: fault }
}
