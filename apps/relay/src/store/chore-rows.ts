/** What the texts of a full block of 64 entries are known by. */
export interface SearchBlock {
  readonly conversation: number
  readonly block: number
  readonly signature: Uint8Array
}

/** The search index, of one format of signatures. */
export interface SearchRows {
  /** The last message that the index has looked at. */
  progress(format: number): number
  /** Notes signatures, in the place of those of another format. */
  put(format: number, blocks: readonly SearchBlock[]): void
  setProgress(format: number, message: number): void
}

/** The lease that says which session of a device came last; it goes with the device. */
export function deviceLease(device: number): string {
  return `device/${device}`
}

/** What only one relay does at a time, and which. */
export interface LeaseRows {
  /**
   * Gives a free or own lease to the holder for so long from now, by the clock of the store; 0 lets it
   * go. False while it is another's.
   */
  take(name: string, holder: string, forMs: number): boolean
}

/** The public keys of all relays. */
export interface SigningKeyRows {
  /** Notes a key, or that it is still in use. */
  seen(kid: string, issuer: string, publicJwk: string): void
  /** Forgets keys that were in use last before then. */
  forgetBefore(seenAtMs: number): void
}
