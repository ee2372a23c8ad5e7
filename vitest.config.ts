import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { defineConfig } from 'vitest/config'

// Tests import the generated wire contract; this returns at once when it is up to date.
execFileSync(process.execPath, [path.join(import.meta.dirname, 'scripts/generate.ts')])

// Tests start hundreds of processes and threads: what one has compiled the next one need not.
process.env['NODE_COMPILE_CACHE'] ??= path.join(
  import.meta.dirname,
  'node_modules/.cache/parley-compiled',
)

const ignored = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  test: {
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
          exclude: ignored,
          pool: 'forks',
          // Modules hold no state of their own here, so files share a process: ten times faster.
          isolate: false,
          // Many tests wait for processes and disks more than they work.
          maxWorkers: 2,
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ignored,
          pool: 'forks',
          // Each scenario boots real processes and measures them: one at a time.
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
