import { expect, test } from 'vitest'
import { cpuSeconds, residentBytes } from './process-cpu.ts'
import { percentile, spread } from './statistics.ts'

test.each([
  { note: 'one', figures: [5], median: 5 },
  { note: 'an odd number', figures: [9, 1, 5], median: 5 },
  { note: 'an even number', figures: [4, 1, 9, 2], median: 3 },
])('the median of $note of figures is the middle one or between the two', ({ figures, median }) => {
  const { min, max } = spread(figures)
  expect(spread(figures).median).toBe(median)
  expect([min, max]).toEqual([Math.min(...figures), Math.max(...figures)])
})

test('a percentile is the figure that a share of all lies below', () => {
  const figures = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect(percentile(figures, 0.5)).toBe(51)
  expect(percentile(figures, 0.99)).toBe(100)
  expect(percentile([], 0.5)).toBe(0)
})

test('the CPU time of a process is what the process itself knows of it', () => {
  const endMs = performance.now() + 100
  while (performance.now() < endMs);
  const { user, system } = process.cpuUsage()
  // Ticks are 10 ms, and each of user and system is cut off.
  expect(Math.abs(cpuSeconds(process.pid) - (user + system) / 1e6)).toBeLessThan(0.2)
  expect(residentBytes(process.pid)).toBeGreaterThan(10 * 2 ** 20)
})
