import { chat } from '@parley/proto'
import { describe, expect, test } from 'vitest'
import { Inbox, maxInFlight } from './inbox.ts'
import type { InboxSide } from './inbox.ts'

const { Command, Send, Ping } = chat
const ping = (nonce: number) =>
  Command.create({ command: { $case: 'ping', value: Ping.create({ nonce }) } })
const send = () => Command.create({ command: { $case: 'send', value: Send.create() } })
const turn = () => new Promise((resolve) => setImmediate(resolve))

function setup(side: Partial<InboxSide> = {}) {
  const done: string[] = []
  const reading: string[] = []
  const inbox = new Inbox({
    carryOut: (command) => void done.push(command.$case),
    pauseBefore: () => 0,
    inFlight: () => 0,
    pause: () => void reading.push('pause'),
    resume: () => void reading.push('resume'),
    wakeAfter: () => undefined,
    failed: () => undefined,
    ...side,
  })
  return { inbox, done, reading }
}

describe('an inbox', () => {
  test('carries commands out in their order, one at a time', async () => {
    const order: number[] = []
    const { inbox } = setup({
      carryOut: (command) => {
        if (command.$case !== 'ping') return undefined
        const { nonce } = command.value
        return turn().then(() => void order.push(nonce))
      },
    })
    inbox.take([ping(1), ping(2)])
    inbox.take([ping(3)])
    for (let i = 0; i < 10; i += 1) await turn()
    expect(order).toEqual([1, 2, 3])
  })

  test('stops reading at 64 messages without answer, and goes on when one is answered', () => {
    let inFlight = maxInFlight
    const { inbox, done, reading } = setup({ inFlight: () => inFlight })
    inbox.take([ping(1), send(), ping(2)])
    expect(done).toEqual(['ping'])
    inFlight -= 1
    inbox.proceed()
    expect(done).toEqual(['ping', 'send', 'ping'])
    expect(reading).toEqual(['pause', 'resume'])
  })

  test('waits out a throttle without refusing anything', () => {
    let pauseMs = 250
    const wakes: number[] = []
    const { inbox, done } = setup({
      pauseBefore: () => pauseMs,
      wakeAfter: (ms) => void wakes.push(ms),
    })
    inbox.take([send()])
    expect([done, wakes]).toEqual([[], [250]])
    pauseMs = 0
    inbox.proceed()
    expect(done).toEqual(['send'])
  })

  test('goes on after a command that failed, and tells of it', async () => {
    const failures: unknown[] = []
    const { inbox, done } = setup({
      carryOut: (command) =>
        command.$case === 'send' ? Promise.reject(new Error('no')) : void done.push(command.$case),
      failed: (error) => void failures.push(error),
    })
    inbox.take([send(), ping(1)])
    await turn()
    expect([failures.length, done]).toEqual([1, ['ping']])
  })

  test('does nothing after it was closed', () => {
    const { inbox, done } = setup()
    inbox.close()
    inbox.take([ping(1)])
    expect(done).toEqual([])
  })
})
