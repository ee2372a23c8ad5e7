import { expect, test } from 'vitest'
import { searchGate } from './search-gate.ts'

test('two searches run, 32 wait, and one more is told to come back', async () => {
  const gate = searchGate()
  let running = 0
  let most = 0
  const search = async () => {
    running += 1
    most = Math.max(most, running)
    await Promise.resolve()
    running -= 1
  }
  const all = Array.from({ length: 34 }, () => gate.run(search))
  await expect(gate.run(search)).rejects.toMatchObject({ kind: 'exhausted', reason: 'BUSY' })
  await Promise.all(all)
  expect(most).toBe(2)
})
