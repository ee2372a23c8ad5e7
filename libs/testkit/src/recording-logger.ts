import { createLogger } from '@parley/service-kit'
import type { Logger } from '@parley/service-kit'

/** One line as it would have been written. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly level: number
  readonly msg: string
}

/** A real logger whose lines a test can read. */
export interface RecordingLogger {
  readonly log: Logger
  readonly lines: LogLine[]
}

/** A logger at level trace, with the redaction of the real one, that keeps its lines. */
export function recordingLogger(service = 'test'): RecordingLogger {
  const lines: LogLine[] = []
  const write = (line: string) => void lines.push(JSON.parse(line) as LogLine)
  return { log: createLogger(service, 'trace', { write }), lines }
}
