import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { inputFormats } from './made-picture.ts'
import type { Batch, Subject } from './subject.ts'
import { treeCpuSeconds } from './tree-cpu.ts'

/** A subject that stays: a process that is told of batches line by line. */
export async function startProcessSubject(
  name: string,
  description: string,
  program: string,
): Promise<Subject> {
  const file = path.join(import.meta.dirname, program)
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async (word: string) => {
    const { value } = await lines.next()
    if (value !== word) throw new Error(`void: ${name} said ${value} instead of ${word}`)
  }
  await hear('ready')
  const { pid } = child
  if (pid === undefined) throw new Error(`${name} cannot be started`)
  return {
    name,
    description,
    formats: inputFormats,
    async run(batch: Batch) {
      const before = treeCpuSeconds(pid)
      child.stdin.write(`${JSON.stringify(batch)}\n`)
      await hear('done')
      return treeCpuSeconds(pid) - before
    },
    async stop() {
      if (child.exitCode !== null) return
      const gone = once(child, 'exit')
      child.stdin.end()
      await gone
    },
  }
}
