import { readdirSync } from 'node:fs'
import { residentBytes } from '../../harness/processes.ts'
import type { Recorder } from './recorder.ts'

/** Notes what each part takes up now; parts that are down are left out. */
export function gauge(
  parts: readonly string[],
  pidOf: (part: string) => number | undefined,
  when: 'before' | 'after',
  recorder: Recorder,
): void {
  for (const part of parts) {
    const pid = pidOf(part)
    if (pid === undefined) continue
    const told = { op: 'info', f: 'gauge', part, when } as const
    recorder.note({}, { ...told, what: 'memory', value: residentBytes(pid) })
    const open = readdirSync(`/proc/${pid}/fd`).length
    recorder.note({}, { ...told, what: 'descriptors', value: open })
  }
}
