import { recordingLogger } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { PresenceProcesses } from './presence-processes.ts'

/** Processes that answer with their own name, or not at all while they are away. */
function setup(...names: string[]) {
  const away = new Set<string>()
  const asked: string[] = []
  const holds = new Map<string, Promise<void>>()
  const processes = names.map((address) => ({
    address,
    async query() {
      asked.push(address)
      await holds.get(address)
      if (away.has(address)) throw new Error(`${address} is away`)
      const instanceId = Buffer.from(address)
      return { instanceId, revision: 1, asOfMs: 1, users: [], settled: true }
    },
  }))
  const changes: (string | undefined)[] = []
  const all = new PresenceProcesses(processes, recordingLogger().log, () => {
    changes.push(all.followed?.address)
  })
  const reached = (name: string, isReached: boolean) =>
    all.reached(
      processes.find(({ address }) => address === name)!,
      isReached,
    )
  const ask = async () => (await all.ask([])).instanceId.toString()
  return { all, away, asked, changes, reached, ask, holds }
}

describe('of several presence processes', () => {
  test('the first that is reached is followed, and stays so when others come', async () => {
    const { reached, changes, ask } = setup('one', 'two')
    reached('two', true)
    reached('one', true)
    expect([changes, await ask()]).toEqual([['two'], 'two'])
  })

  test('when the followed one is lost, another that is reached is followed', () => {
    const { reached, changes } = setup('one', 'two', 'three')
    for (const name of ['one', 'three']) reached(name, true)
    reached('one', false)
    reached('one', true)
    expect(changes).toEqual(['one', 'three'])
  })

  test('the loss of one that is not followed changes nothing', () => {
    const { reached, changes } = setup('one', 'two')
    for (const name of ['one', 'two']) reached(name, true)
    reached('two', false)
    expect(changes).toEqual(['one'])
  })

  test('one that does not answer a question is left for one that does', async () => {
    const { reached, away, ask, changes, asked } = setup('one', 'two', 'three')
    for (const name of ['one', 'three']) reached(name, true)
    away.add('one')
    expect(await ask()).toBe('three')
    expect([changes, asked]).toEqual([
      ['one', 'three'],
      ['one', 'three'],
    ])
  })

  test('an answer of a process that was left meanwhile does not count', async () => {
    const { reached, ask, holds } = setup('one', 'two')
    for (const name of ['one', 'two']) reached(name, true)
    const held = Promise.withResolvers<void>()
    holds.set('one', held.promise)
    const answer = ask()
    reached('one', false)
    held.resolve()
    expect(await answer).toBe('two')
  })

  test('when none answers, each was asked once and the question fails', async () => {
    const { reached, away, ask, asked } = setup('one', 'two')
    reached('two', true)
    for (const name of ['one', 'two']) away.add(name)
    await expect(ask()).rejects.toThrow('is away')
    expect(asked).toEqual(['two', 'one'])
  })
})
