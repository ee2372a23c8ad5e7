import { expect, test } from 'vitest'
import { WorkerEnded } from './worker-process.ts'

test('the last words of a worker reach no terminal but as plain text', () => {
  const { message } = new WorkerEnded('crash', 'VIPS: \u001b[2J\u009b31m\nbad \u202egnp\u2028\n')
  expect(message).toBe('the image worker ended (crash): VIPS:  [2J 31m bad  gnp')
})
