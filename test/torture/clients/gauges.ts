import { readdirSync } from 'node:fs'
import type { TortureWorld } from '../world.ts'
import type { Recorder } from './recorder.ts'

/** Notes what each part takes up now; parts that are down are left out. */
export async function gauge(
  { parts, pid: pidOf, memoryOf }: Pick<TortureWorld, 'parts' | 'pid' | 'memoryOf'>,
  when: 'before' | 'after',
  recorder: Recorder,
): Promise<void> {
  for (const part of parts) {
    const pid = pidOf(part)
    if (pid === undefined) continue
    const told = { op: 'info', f: 'gauge', part, when } as const
    recorder.note({}, { ...told, ...(await memoryOf(part, pid)) })
    const open = readdirSync(`/proc/${pid}/fd`).length
    recorder.note({}, { ...told, what: 'descriptors', value: open })
  }
}
