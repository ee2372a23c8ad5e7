import { AppError } from '@parley/errors'
import { FakeScheduler } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import type { Ending, Running } from './running.ts'
import { Supervisor } from './supervisor.ts'
import type { SupervisorEvent } from './supervisor.ts'

/** A program that does what the test says. */
class Program {
  runs = 0
  signals: string[] = []
  failure: Error | undefined
  stubborn = false
  #end: (ending: Ending) => void = () => undefined

  launch = (): Promise<Running> => {
    this.runs += 1
    if (this.failure) return Promise.reject(this.failure)
    const ended = new Promise<Ending>((resolve) => (this.#end = resolve))
    const signal = (name: NodeJS.Signals) => {
      this.signals.push(name)
      if (name === 'SIGKILL' || (name === 'SIGTERM' && !this.stubborn)) this.end(name)
    }
    return Promise.resolve({ pid: this.runs, addresses: {}, ended, signal })
  }

  end(signal: NodeJS.Signals): void {
    this.#end({ code: null, signal })
  }
}

function setup(restart: 'backoff' | 'manual' = 'backoff') {
  const scheduler = new FakeScheduler()
  const program = new Program()
  const events: SupervisorEvent['type'][] = []
  const tell = (event: SupervisorEvent) => void events.push(event.type)
  const supervisor = new Supervisor(program.launch, { restart, tell, scheduler })
  return { scheduler, program, events, supervisor }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a supervisor', () => {
  test('starts again what dies', async () => {
    const { scheduler, program, events, supervisor } = setup()
    await supervisor.start()
    await supervisor.kill('SIGKILL')
    expect(supervisor.running).toBeUndefined()
    await scheduler.advance(500)
    await settled()
    expect(program.runs).toBe(2)
    expect(events).toEqual(['up', 'ended', 'restarting', 'up'])
  })

  test('does not start again what is to be started by hand', async () => {
    const { scheduler, program, supervisor } = setup('manual')
    await supervisor.start()
    await supervisor.kill('SIGKILL')
    await scheduler.advance(60_000)
    expect(program.runs).toBe(1)
    await supervisor.start()
    expect(program.runs).toBe(2)
  })

  test('waits at most 10 s between two starts, however often it died', async () => {
    const { scheduler, program, supervisor } = setup()
    await supervisor.start()
    for (let death = 0; death < 20; death += 1) {
      program.end('SIGSEGV')
      await settled()
      await scheduler.advance(10_000)
      await settled()
      expect(program.runs).toBe(death + 2)
    }
  })

  test('goes on trying when it does not come up, without end', async () => {
    const { scheduler, program, events, supervisor } = setup()
    await supervisor.start()
    program.failure = new Error('a bug')
    program.end('SIGKILL')
    await settled()
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await scheduler.advance(10_000)
      await settled()
    }
    expect(program.runs).toBeGreaterThanOrEqual(21)
    expect(events).not.toContain('given-up')
    program.failure = undefined
    await scheduler.advance(10_000)
    await settled()
    expect(supervisor.running).toBeDefined()
  })

  test('gives up what refuses to start five times in a row', async () => {
    const { scheduler, program, events, supervisor } = setup()
    await supervisor.start()
    program.failure = new AppError('precondition', 'SERVICE_REFUSED', 'port 7 is taken')
    program.end('SIGKILL')
    await settled()
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await scheduler.advance(10_000)
      await settled()
    }
    expect(program.runs).toBe(6)
    expect(events.filter((type) => type === 'given-up')).toHaveLength(1)
  })

  test('a first start that fails is the caller’s to know and is not repeated', async () => {
    const { scheduler, program, events, supervisor } = setup()
    program.failure = new Error('a bug')
    await expect(supervisor.start()).rejects.toThrow('a bug')
    await scheduler.advance(60_000)
    expect([program.runs, events]).toEqual([1, []])
  })

  test('two who start it at once get the same run', async () => {
    const { program, supervisor } = setup()
    const [first, second] = await Promise.all([supervisor.start(), supervisor.start()])
    expect(first).toBe(second)
    expect(await supervisor.start()).toBe(first)
    expect(program.runs).toBe(1)
  })

  test('stops it in order and does not start it again', async () => {
    const { scheduler, program, events, supervisor } = setup()
    await supervisor.start()
    await supervisor.stop()
    await scheduler.advance(60_000)
    expect(program.signals).toEqual(['SIGCONT', 'SIGTERM'])
    expect([program.runs, events]).toEqual([1, ['up']])
    await supervisor.stop()
  })

  test('ends by force what does not stop within 15 s', async () => {
    const { scheduler, program, supervisor } = setup()
    program.stubborn = true
    await supervisor.start()
    const stopped = supervisor.stop()
    await settled()
    await scheduler.advance(15_000)
    await stopped
    expect(program.signals).toEqual(['SIGCONT', 'SIGTERM', 'SIGKILL'])
  })

  test('a stop while it waits to start again is the end of it', async () => {
    const { scheduler, program, supervisor } = setup()
    await supervisor.start()
    await supervisor.kill('SIGKILL')
    await supervisor.stop()
    await scheduler.advance(60_000)
    expect(program.runs).toBe(1)
  })
})
