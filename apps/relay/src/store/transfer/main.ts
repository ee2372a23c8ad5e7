import { text } from 'node:stream/consumers'
import { isAppError } from '@parley/errors'
import { moveStore } from './move-store.ts'

// A program of its own, which `parley-admin migrate-store` runs: a request on stdin (an address has a
// password, which arguments would show to everybody), lines of JSON on stdout.
const everyMs = 500
let saidAtMs = Number.NEGATIVE_INFINITY

function say(type: string, line: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ type, ...line })}\n`)
}

function progress(table: string, rows: number, of: number): void {
  const nowMs = performance.now()
  if (rows < of && nowMs - saidAtMs < everyMs) return
  saidAtMs = nowMs
  say('copied', { table, rows, of })
}

try {
  const { from, to } = JSON.parse(await text(process.stdin)) as { from: string; to: string }
  const comparing = () => say('comparing')
  const agreement = await moveStore({ from, to, progress, comparing })
  say('moved', { ...agreement })
} catch (error) {
  const reason = isAppError(error) ? error.reason : 'MOVE_FAILED'
  const message = error instanceof Error ? error.message : String(error)
  say('failed', { reason, message })
  process.exitCode = 1
}
