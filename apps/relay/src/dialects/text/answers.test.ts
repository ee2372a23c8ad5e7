import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { FakeScheduler, eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { Answers, stuckMs } from './answers.ts'
import { pauseMs } from './framing.ts'

const patiently = { timeoutMs: 30_000 }

/** Answers on a real connection, and what has come at its other end. */
async function setup({ endsLines = true } = {}) {
  const scheduler = new FakeScheduler()
  const listener = createServer()
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const accepted = once(listener, 'connection') as Promise<[Socket]>
  const far = connect((listener.address() as AddressInfo).port, '127.0.0.1')
  const [socket] = await accepted
  listener.close()
  onTestFinished(() => [socket, far].forEach((each) => each.destroy()))
  for (const each of [socket, far]) each.on('error', () => undefined)
  let got = ''
  const read = () => far.on('data', (bytes) => (got += bytes.toString())).resume()
  const drains = { count: 0 }
  const drained = () => void (drains.count += 1)
  const answers = new Answers({ socket, scheduler, endsLines: () => endsLines, drained })
  /** Writes until the network takes nothing any more. */
  const fill = async () => {
    for (let turn = 0; turn < 3_000; turn += 1) {
      if (!answers.isFull) answers.write('x'.repeat(16_000))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { scheduler, answers, socket, far, read, got: () => got, drains, fill }
}

test('who ends lines gets lines, at once', async () => {
  const { scheduler, answers, read, got } = await setup()
  read()
  expect(answers.write('1|')).toBe(3)
  answers.write('0|')
  await eventually(() => got() === '1|\n0|\n', patiently)
  expect(scheduler.pendingTimers).toBe(0)
})

test('who ends none gets no line end, and a moment between two answers', async () => {
  const { scheduler, answers, read, got } = await setup({ endsLines: false })
  read()
  const taken: number[] = []
  for (const number of [1, 2, 3]) answers.write(`${number}|`, () => taken.push(number))
  await eventually(() => got() === '1|', patiently)
  await scheduler.advance(pauseMs - 1)
  expect(got()).toBe('1|')
  await scheduler.advance(1)
  await eventually(() => got() === '1|2|', patiently)
  expect(taken).toEqual([1, 2])
  answers.end()
  await scheduler.advance(pauseMs)
  await eventually(() => got() === '1|2|3|', patiently)
})

test('who does not read is given so much and no more, until it reads', async () => {
  const { answers, read, drains, fill } = await setup()
  await fill()
  expect(answers.isFull).toBe(true)
  const before = drains.count
  read()
  await eventually(() => !answers.isFull && drains.count > before, patiently)
})

test('who takes nothing for half a minute is cut off', async () => {
  const { scheduler, answers, socket, fill } = await setup()
  await fill()
  expect(answers.isFull).toBe(true)
  await scheduler.advance(stuckMs - 1)
  expect(socket.destroyed).toBe(false)
  await scheduler.advance(1)
  expect(socket.destroyed).toBe(true)
  await eventually(() => scheduler.pendingTimers === 0, patiently)
})

test('who does not read its last answers, or does not hang up, is cut off', async () => {
  const { scheduler, answers, socket, fill } = await setup()
  await fill()
  answers.end()
  await scheduler.advance(5_000)
  expect(socket.destroyed).toBe(true)
  expect(answers.write('1|')).toBe(3)
  await eventually(() => scheduler.pendingTimers === 0, patiently)
})
