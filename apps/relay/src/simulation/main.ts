import { runSeed } from './run-seed.ts'

/** Runs seeds by hand: `node main.ts 1 20 [relays]`. */
const [from = '1', to = from, relays = '1'] = process.argv.slice(2)
const startedAt = performance.now()
for (let seed = Number(from); seed <= Number(to); seed += 1) {
  const t = performance.now()
  const result = await runSeed(seed, { relays: Number(relays) })
  const { trace, ...rest } = result
  const cpu = process.cpuUsage().user / 1000
  process.stdout.write(`${Math.round(performance.now() - t)} ms, cpu ${Math.round(cpu)} ${JSON.stringify(rest)}\n`)
  if (result.breaches.length > 0 && from === to) process.stdout.write(`${trace.join('\n')}\n`)
}
process.stdout.write(`${Math.round(performance.now() - startedAt)} ms\n`)
