import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

// Tests import the generated wire contract; this returns at once when it is up to date.
execFileSync(process.execPath, [path.join(import.meta.dirname, 'scripts/generate.ts')])

// Tests start hundreds of processes and threads: what one has compiled the next one need not.
process.env['NODE_COMPILE_CACHE'] ??= path.join(
  import.meta.dirname,
  'node_modules/.cache/parley-compiled',
)

/** What measures times and rates, or loads the whole machine: one file at a time, with nothing beside it. */
const measured = [
  'test/scenarios/{bus-away,independence,many-relays,rolling-restart,storm}.test.ts',
  'test/torture/torture.test.ts',
]

/** Nothing but work for the processors, see scripts/test.ts. */
const simulation = 'apps/relay/src/simulation/simulation.test.ts'

/** What takes longest begins first, so that no worker waits for it at the end; longest first. */
const long = [
  'mutants',
  'devices',
  'slow-reader',
  'power-cuts',
  'kill-relay',
  'presence-two',
  'offline-and-presence',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = long.indexOf(path.basename(moduleId, '.test.ts'))
      return at < 0 ? long.length : at
    }
    const suites = Map.groupBy(await super.sort(files), ({ project }) => project)
    return [...suites.values()].flatMap((suite) => suite.toSorted((a, b) => rank(a) - rank(b)))
  }
}

/** Limits are for what hangs: a machine with other work to do may take many times as long. */
const system = { pool: 'forks', testTimeout: 600_000, hookTimeout: 240_000 } as const

const ignored = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    coverage: {
      include: ['libs/*/src/**', 'apps/*/src/**'],
      exclude: ['**/gen/**', '**/*.test.ts'],
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'libs/**/*.test.ts',
            'apps/**/*.test.ts',
            'bench/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: [...ignored, simulation],
          pool: 'forks',
          // Modules hold no state of their own here, so files share a process: ten times faster.
          isolate: false,
          // Many tests wait for processes and disks more than they work.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'simulation', include: [simulation], exclude: ignored, pool: 'forks' } },
      {
        test: {
          ...system,
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [...ignored, ...measured],
          // Each boots real processes, and waits for them more than it works.
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...system,
          name: 'measured',
          include: measured,
          exclude: ignored,
          fileParallelism: false,
        },
      },
    ],
  },
})
