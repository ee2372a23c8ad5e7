import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { endedChildrenCpuSeconds, treeCpuSeconds } from './tree-cpu.ts'

test('children that have ended are counted', () => {
  const before = endedChildrenCpuSeconds(process.pid)
  const whole = treeCpuSeconds(process.pid)
  const busy = 'const end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end);'
  spawnSync(process.execPath, ['-e', busy])
  expect(endedChildrenCpuSeconds(process.pid) - before).toBeGreaterThan(0.25)
  expect(treeCpuSeconds(process.pid) - whole).toBeGreaterThan(0.25)
})
