import { parseArgs } from 'node:util'
import { runSeeds, tellFailure } from './run-seeds.ts'

/** Runs seeds from the command line: `--seeds 1..1000 [--relays N] [--workers N]`. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '1..20' },
      relays: { type: 'string' },
      workers: { type: 'string' },
    },
  })
  const [from = 1, to = from] = values.seeds.split('..').map(Number)
  const startedAtMs = performance.now()
  const { failed, ...facts } = await runSeeds(from, to, {
    ...(values.relays === undefined ? {} : { relays: Number(values.relays) }),
    ...(values.workers === undefined ? {} : { workers: Number(values.workers) }),
  })
  for (const result of failed) process.stdout.write(`${tellFailure(result)}\n`)
  const tookMs = Math.round(performance.now() - startedAtMs)
  process.stdout.write(`${JSON.stringify({ ...facts, tookMs })}\n`)
  return facts.failures === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
