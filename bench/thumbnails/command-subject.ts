import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { inputFormats } from './made-picture.ts'
import type { InputFormat } from './made-picture.ts'
import { quality, resultName } from './subject.ts'
import type { Batch, Subject } from './subject.ts'
import { endedChildrenCpuSeconds } from './tree-cpu.ts'

const commandLimitMs = 120_000
// More threads than one only cost them CPU; others may be busy on this machine.
const oneThread = { MAGICK_THREAD_LIMIT: '1', OMP_NUM_THREADS: '1', VIPS_CONCURRENCY: '1' }

/** The commands that make all results of one picture, the largest first. */
export type CommandsOf = (
  input: string,
  results: readonly { readonly side: number; readonly file: string }[],
) => readonly (readonly string[])[]

/** A subject that is a program, started anew for each picture. */
export function commandSubject(
  name: string,
  description: string,
  program: string,
  commandsOf: CommandsOf,
  formats: readonly InputFormat[] = inputFormats,
): Subject {
  return {
    name,
    description,
    formats,
    async run({ input, sides, folder, count }: Batch) {
      const before = endedChildrenCpuSeconds(process.pid)
      for (let index = 0; index < count; index += 1) {
        const results = sides.map((side) => {
          return { side, file: path.join(folder, resultName(index, side)) }
        })
        for (const args of commandsOf(input, results)) await execute(program, args)
      }
      return endedChildrenCpuSeconds(process.pid) - before
    },
    stop: () => Promise.resolve(),
  }
}

async function execute(program: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, ...oneThread }
  const child = spawn(program, args, { stdio: 'inherit', timeout: commandLimitMs, env })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`void: ${program} ${args.join(' ')} ended with ${code}`)
}

/**
 * ImageMagick: one command a picture, its sizes one after the other from the same decode; with a hint
 * of the wanted size its JPEG decoder answers a smaller picture, as ours does.
 */
export function imageMagick(hint: boolean): CommandsOf {
  return (input, results) => {
    const largest = Math.max(...results.map(({ side }) => side))
    const size = ['-define', `jpeg:size=${largest}x${largest}`]
    const steps = results.flatMap(({ side, file }, index) => {
      const step = ['-resize', `${side}x${side}`, '-quality', String(quality)]
      return index < results.length - 1 ? [...step, '-write', file] : [...step, file]
    })
    return [[...(hint ? size : []), input, '-auto-orient', '-strip', ...steps]]
  }
}

/** vipsthumbnail: one command a size. */
export const vipsThumbnail: CommandsOf = (input, results) =>
  results.map(({ side, file }) => {
    return [input, '--size', `${side}x${side}>`, '-o', `${file}[Q=${quality},strip]`]
  })
