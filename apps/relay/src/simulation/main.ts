import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { toLines } from '@parley/history'
import { live } from './run-seed.ts'
import { runSeeds, tellFailure } from './run-seeds.ts'

/**
 * Runs seeds from the command line: `--seeds 1..1000 [--relays N] [--workers N]`. With
 * `--history FILE` the history of the first one is written there, a line per event.
 */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '1..20' },
      relays: { type: 'string' },
      workers: { type: 'string' },
      history: { type: 'string' },
    },
  })
  const [from = 1, to = from] = values.seeds.split('..').map(Number)
  const relays = values.relays === undefined ? {} : { relays: Number(values.relays) }
  if (values.history !== undefined) {
    const { recorder } = await live(from, relays)
    await writeFile(values.history, toLines(recorder.events))
    return 0
  }
  const startedAtMs = performance.now()
  const tell = (text: string) => void process.stdout.write(`${text}\n`)
  const { failed: _, ...facts } = await runSeeds(from, to, {
    told: (result) => result.breaches.length > 0 && tell(tellFailure(result)),
    ...relays,
    ...(values.workers === undefined ? {} : { workers: Number(values.workers) }),
  })
  const tookMs = Math.round(performance.now() - startedAtMs)
  tell(JSON.stringify({ ...facts, tookMs }))
  return facts.failures === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
