/** How long the thread that writes to MariaDB waits for what. */
export interface WriterLimits {
  /** For the statements of one hop; then the connection is given up. */
  readonly statementMs: number
  /** For a new connection. */
  readonly connectMs: number
  /** For a row that another writer holds. */
  readonly lockWaitSeconds: number
  /** The server ends a transaction of a writer that says nothing: its rows are free again. */
  readonly idleTransactionSeconds: number
  /** After so long nothing is run again: its sender has been told, or is about to be. */
  readonly againForMs: number
}

/** What relays use. */
export const writerLimits: WriterLimits = {
  statementMs: 6_000,
  connectMs: 4_500,
  lockWaitSeconds: 3,
  idleTransactionSeconds: 4,
  againForMs: 5_000,
}
