import process from 'node:process'
import { restrictDecoders } from './decoders.ts'
import { parseWorkerJob } from './protocol.ts'
import type { WorkerJob, WorkerMessage } from './protocol.ts'
import { reencode } from './reencode.ts'
import { Refusal } from './refusal.ts'

restrictDecoders()
process.on('message', (message) => void work(parseWorkerJob(message)))
// The service is gone: whatever is being decoded is nobody's, and no exit handler may wait for it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
say({ kind: 'ready' })

async function work(job: WorkerJob): Promise<void> {
  try {
    say(await reencode(job))
  } catch (error) {
    say(answerTo(job, error))
  }
}

// What libvips throws is about the bytes it was given, and its words may quote them: hidden.
function answerTo(job: WorkerJob, error: unknown): WorkerMessage {
  const code = systemCode(error)
  if (code !== undefined) return { kind: 'failed', id: job.id, code }
  const known = error instanceof Refusal ? error : undefined
  const reason = known?.reason ?? 'IMAGE_BROKEN'
  return { kind: 'refused', id: job.id, reason, message: known?.message ?? 'it cannot be decoded' }
}

// Only errors of the file system carry one; libvips' errors do not.
function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

function say(message: WorkerMessage): void {
  process.send?.(message)
}
