import type { AdminConfig } from './config.ts'
import type { Output } from './output.ts'
import type { Terminal } from './cli.ts'

/** What every operators' command may use. */
export interface AdminCli {
  readonly out: Output
  readonly terminal: Terminal
  readonly signal: AbortSignal
  readonly config: AdminConfig
}
