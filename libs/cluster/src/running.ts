/** How a process ended: with a code, or by a signal. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One run of a program that is up. */
export interface Running {
  readonly pid: number
  /** `host:port` of each door, by its name. */
  readonly addresses: Readonly<Record<string, string>>
  /** Resolves when the process is gone, whoever ended it. */
  readonly ended: Promise<Ending>
  /** Sends a signal; harmless when the process is gone. */
  signal(name: NodeJS.Signals): void
}

/** Starts a program and resolves when it is up; ends it again when the signal aborts before that. */
export type Launch = (signal: AbortSignal) => Promise<Running>
