import { systemScheduler } from '@parley/service-kit'
import { describe, expect, it } from 'vitest'
import { Slices } from './slices.ts'

/** Keeps the thread busy for so much CPU time. */
function work(ms: number): void {
  const slices = new Slices(ms)
  while (!slices.isOver) Math.sqrt(2)
}

describe('slices', () => {
  it('let others have their turn after 5 ms of work, and not before', async () => {
    const slices = new Slices(1_000)
    let turns = 0
    systemScheduler.soon(() => (turns += 1))
    work(2)
    await slices.pause()
    expect(turns).toBe(0)
    work(4)
    await slices.pause()
    expect(turns).toBe(1)
  })

  it('count the own work only', async () => {
    const slices = new Slices(30)
    work(6)
    systemScheduler.soon(() => work(40))
    await slices.pause()
    expect(slices.workedMs).toBeLessThan(30)
    expect(slices.isOver).toBe(false)
    work(30)
    expect(slices.isOver).toBe(true)
  })
})
