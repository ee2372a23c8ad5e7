import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { interruption, untilAborted } from './interruption.ts'

function setup() {
  const ended: number[] = []
  const stdout = new EventEmitter()
  const proc = Object.assign(new EventEmitter(), {
    stdout,
    exit: (code: number) => ended.push(code),
  })
  return { proc, stdout, ended, stop: interruption(proc) }
}

describe('interruption', () => {
  test('Ctrl-C asks to stop, a second one does not ask', () => {
    const { proc, ended, stop } = setup()
    proc.emit('SIGINT')
    expect(stop.signal.aborted).toBe(true)
    expect(ended).toEqual([])
    proc.emit('SIGINT')
    expect(ended).toEqual([130])
    expect(stop.readerLeft()).toBe(false)
  })

  test('a reader that leaves is no failure', () => {
    const { stdout, stop } = setup()
    stdout.emit('error', Object.assign(new Error('pipe'), { code: 'EPIPE' }))
    stdout.emit('error', Object.assign(new Error('pipe'), { code: 'EPIPE' }))
    expect(stop.signal.aborted).toBe(true)
    expect(stop.readerLeft()).toBe(true)
  })

  test('another failure of stdout is one', () => {
    const { stdout, stop } = setup()
    stdout.emit('error', Object.assign(new Error('disk full'), { code: 'ENOSPC' }))
    expect(stop.signal.aborted).toBe(true)
    expect(stop.readerLeft()).toBe(false)
    expect(stop.outputFailure()).toMatchObject({
      reason: 'OUTPUT_FAILED',
      message: 'the output cannot be written: disk full',
    })
  })
})

describe('untilAborted', () => {
  test('answers what the work answers', async () => {
    await expect(untilAborted(new AbortController().signal, Promise.resolve(7))).resolves.toBe(7)
  })

  test('rejects at once when it is over, before or during the work', async () => {
    const controller = new AbortController()
    const never = new Promise<never>(() => undefined)
    const during = untilAborted(controller.signal, never)
    controller.abort()
    await expect(during).rejects.toThrow()
    await expect(untilAborted(controller.signal, never)).rejects.toThrow()
  })
})
