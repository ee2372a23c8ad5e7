import { AppError } from '@parley/errors'
import { FakeScheduler } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { CloseStack, openAll } from './index.ts'

describe('CloseStack', () => {
  test('closes in reverse, each after the one before it', async () => {
    const closers = new CloseStack()
    const closed: string[] = []
    closers.push('store', () => void closed.push('store'))
    closers.push('server', async () => {
      await Promise.resolve()
      closed.push('server')
    })
    await closers.close()
    expect(closed).toEqual(['server', 'store'])
  })

  test('a closer that fails stops no other, and every failure is told at the end', async () => {
    const closers = new CloseStack()
    const closed: string[] = []
    closers.push('a', () => void closed.push('a'))
    closers.push('b', () => {
      throw new Error('stuck')
    })
    closers.push('c', () => Promise.reject(new Error('gone')))
    await expect(closers.close()).rejects.toThrow('c did not close: gone; b did not close: stuck')
    expect(closed).toEqual(['a'])
  })

  test('a closer that hangs is left behind when its time is up', async () => {
    const scheduler = new FakeScheduler()
    const closers = new CloseStack(scheduler)
    const closed: string[] = []
    closers.push('store', () => void closed.push('store'))
    closers.push('peer', () => new Promise(() => undefined), 1_000)
    const failure = closers.close().catch((error: unknown) => error)
    await scheduler.advance(1_000)
    expect(String(await failure)).toContain('longer than 1000 ms')
    expect(closed).toEqual(['store'])
  })

  test('closing twice closes once', async () => {
    const closers = new CloseStack()
    let times = 0
    closers.push('once', () => void (times += 1))
    await Promise.all([closers.close(), closers.close()])
    expect(times).toBe(1)
  })

  test('nothing may be opened while closing', async () => {
    const closers = new CloseStack()
    await closers.close()
    expect(() => closers.push('late', () => undefined)).toThrow('late was opened')
  })
})

describe('openAll', () => {
  test('a failure on the way closes what was opened and is what the caller sees', async () => {
    const closed: string[] = []
    const opening = openAll((closers) => {
      closers.push('store', () => void closed.push('store'))
      closers.push('bad', () => {
        throw new Error('echo')
      })
      return Promise.reject(new AppError('conflict', 'ADDRESS_IN_USE', 'taken'))
    })
    await expect(opening).rejects.toMatchObject({ reason: 'ADDRESS_IN_USE' })
    expect(closed).toEqual(['store'])
  })

  test('a success closes nothing', async () => {
    let closed = false
    const value = await openAll((closers) => {
      closers.push('store', () => void (closed = true))
      return Promise.resolve(7)
    })
    expect([value, closed]).toEqual([7, false])
  })
})
