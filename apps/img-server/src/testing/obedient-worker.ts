import process from 'node:process'
import { parseWorkerJob } from '../worker/protocol.ts'
import type { WorkerMessage } from '../worker/protocol.ts'

// A worker that does what its job's input names, as hostile images may make a decoder do.
const hoard: Buffer[] = []
const picture = { type: 'image/webp', width: 1, height: 1 } as const
const written = (['thumb', 'preview', 'full'] as const).map((variant) => ({ variant, ...picture }))

const acts: Readonly<Record<string, (id: number) => void>> = {
  answer: (id) => say({ kind: 'done', id, written, thumbhash: 'aGFzaA', frames: 1 }),
  hang: () => undefined,
  spin: () => {
    for (;;);
  },
  // Off the JavaScript heap and really written to, as a decoder's picture is.
  hog: () => void setInterval(() => hoard.push(Buffer.alloc(32 * 1024 * 1024, 1)), 5),
  grow: (id) => {
    hoard.push(Buffer.alloc(150 * 1024 * 1024, 1))
    acts['answer']?.(id)
  },
  crash: () => process.abort(),
  nonsense: () => process.send?.({ kind: 'done', id: 'x', written: '../../etc' }),
  // Answers, and lives on where nobody hears of it.
  hide: (id) => {
    acts['answer']?.(id)
    process.removeAllListeners('disconnect')
    setInterval(() => undefined, 60_000)
    setImmediate(() => process.disconnect())
  },
  another: (id) => acts['answer']?.(id + 1),
}

process.on('message', (message) => {
  const job = parseWorkerJob(message)
  acts[job.input]?.(job.id)
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
say({ kind: 'ready' })

function say(message: WorkerMessage): void {
  process.send?.(message)
}
