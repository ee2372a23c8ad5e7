import { systemScheduler } from '@parley/service-kit'
import { describe, expect, it } from 'vitest'
import { Slices } from './slices.ts'

describe('slices', () => {
  it('let others have their turn after 5 ms of work, and not before', async () => {
    let cpuMs = 100
    const slices = new Slices(1_000, () => cpuMs)
    let turns = 0
    systemScheduler.soon(() => (turns += 1))
    cpuMs += 4.9
    await slices.pause()
    expect(turns).toBe(0)
    cpuMs += 0.1
    await slices.pause()
    expect(turns).toBe(1)
  })

  it('count the own work only', async () => {
    let cpuMs = 100
    const slices = new Slices(30, () => cpuMs)
    cpuMs += 6
    systemScheduler.soon(() => (cpuMs += 500))
    await slices.pause()
    expect(slices.workedMs).toBe(6)
    cpuMs += 23
    expect(slices.isOver).toBe(false)
    cpuMs += 1
    expect(slices.isOver).toBe(true)
  })

  it('measure the CPU time of their thread', () => {
    const slices = new Slices(3)
    while (!slices.isOver) Math.sqrt(2)
    expect(slices.workedMs).toBeGreaterThanOrEqual(3)
  })
})
