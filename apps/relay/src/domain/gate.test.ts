import { describe, expect, it } from 'vitest'
import { Gate } from './gate.ts'

const bounds = { atOnce: 2, waiting: 3, full: 'come back later' }

describe('a gate', () => {
  it('lets some run, some wait in order, and refuses the next as BUSY', async () => {
    const gate = new Gate(bounds)
    const started: number[] = []
    const finish: (() => void)[] = []
    const work = (number: number) => () => {
      started.push(number)
      return new Promise<void>((resolve) => finish.push(resolve))
    }
    const all = Array.from({ length: bounds.atOnce + bounds.waiting }, (_, i) => gate.run(work(i)))
    expect(started).toEqual([0, 1])
    await expect(gate.run(work(99))).rejects.toMatchObject({ reason: 'BUSY', kind: 'exhausted' })
    for (let i = 0; i < all.length; i += 1) {
      finish[i]?.()
      await all[i]
    }
    expect(started).toEqual(Array.from(all.keys()))
  })

  it('goes on after work that failed', async () => {
    const gate = new Gate(bounds)
    const fail = () => Promise.reject(new Error('broken'))
    for (let i = 0; i < 5; i += 1) await expect(gate.run(fail)).rejects.toThrow('broken')
    expect(await gate.run(() => Promise.resolve('fine'))).toBe('fine')
  })
})
