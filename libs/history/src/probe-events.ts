/** Somebody asks for what is not theirs, or for what does not exist. */
export interface ProbeEvent {
  /** `ok`: it was served. */
  readonly op: 'ok' | 'fail'
  readonly f: 'probe'
  /** The question: messages, ticket, file... */
  readonly what: string
  /** True when it exists. */
  readonly exists: boolean
  /** The whole refusal, as whoever asks sees it. */
  readonly answer: string
}

/** What a part of the system takes up, before anything went wrong or when all was long healed. */
export interface GaugeEvent {
  readonly op: 'info'
  readonly f: 'gauge'
  readonly part: string
  /** `held`: memory without garbage. */
  readonly what: 'memory' | 'held' | 'descriptors'
  readonly when: 'before' | 'after'
  /** Bytes, or open descriptors. */
  readonly value: number
}
