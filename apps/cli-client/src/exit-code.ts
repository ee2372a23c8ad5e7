import { isAppError } from '@parley/errors'

/** How the command ends: what a script can tell apart. */
export const exitCodes = {
  success: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  tooOld: 4,
  interrupted: 130,
} as const

/** One of the ways to end. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The command was called in a way that cannot be meant. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What a failure says on stderr: a stable word for programs, a sentence for people. */
export interface Failure {
  readonly code: ExitCode
  readonly reason: string
  readonly message: string
}

const unreachableKinds = new Set(['unavailable', 'deadline'])

/** The exit code, reason and words for whatever was thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) {
    return { code: exitCodes.usage, reason: 'USAGE', message: error.message }
  }
  if (isAppError(error)) return refusal(error)
  if (isAbort(error)) {
    return { code: exitCodes.interrupted, reason: 'INTERRUPTED', message: 'interrupted' }
  }
  return { code: exitCodes.refused, reason: 'INTERNAL', message: wordsOf(error) }
}

function refusal(error: {
  kind: string
  reason: string
  message: string
  cause?: unknown
}): Failure {
  const { kind, reason } = error
  if (kind === 'cancelled') return { code: exitCodes.interrupted, reason, message: error.message }
  const code = codeOf(kind, reason)
  const hidden = kind === 'internal' && error.cause !== undefined
  const message = hidden ? `${error.message} (${wordsOf(error.cause)})` : error.message
  return { code, reason, message }
}

function codeOf(kind: string, reason: string): ExitCode {
  if (reason === 'CLIENT_TOO_OLD') return exitCodes.tooOld
  return unreachableKinds.has(kind) ? exitCodes.unreachable : exitCodes.refused
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
