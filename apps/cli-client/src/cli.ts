import type { CliConfig } from './config.ts'
import type { Output } from './output.ts'

/** The terminal of a process, or whatever stands in for it. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** What every command may use. */
export interface Cli {
  readonly out: Output
  readonly config: CliConfig
  readonly terminal: Terminal
  /** Aborts on Ctrl-C and when nobody reads stdout any more. */
  readonly signal: AbortSignal
}
