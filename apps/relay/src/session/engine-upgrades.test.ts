import type { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { FakeDevice, helloOf } from '../testing/fake-device.ts'
import { fakeWorld } from '../testing/fake-world.ts'
import type { UpgradeBoard } from '../upgrades/upgrade-board.ts'

const build = { version: '1.0.0', platform: 'linux-x64', channel: 'stable' }

async function setup(upgrade: chat.Upgrade | undefined, refusesOld = false) {
  const asked: chat.ClientBuild[] = []
  const upgrades: UpgradeBoard = {
    refusesOld,
    upgradeFor: (one) => {
      asked.push(one)
      return Promise.resolve(upgrade)
    },
  }
  const world = fakeWorld({ upgrades })
  const ann = await world.register('ann')
  const connect = async (change: Partial<chat.Hello>) => {
    const device = new FakeDevice(world, ann)
    device.tell({ $case: 'hello', value: { ...helloOf(ann), ...change } })
    await world.settle()
    return device
  }
  return { world, asked, connect }
}

test('a welcome says what later version there is, to clients that say which they are', async () => {
  const { asked, connect } = await setup({ version: '2.0.0', required: false })
  const told = await connect({ build })
  expect(told.of('welcome')[0]?.upgrade).toEqual({ version: '2.0.0', required: false })
  expect(asked).toEqual([build])
  const silent = await connect({})
  expect(silent.of('welcome')).toHaveLength(1)
  expect(silent.of('welcome')[0]?.upgrade).toBeUndefined()
  expect(asked).toHaveLength(1)
})

test('a client that is too old is served, unless operators refuse it', async () => {
  const upgrade = { version: '2.0.0', required: true }
  const bearing = await (await setup(upgrade)).connect({ build })
  expect(bearing.of('welcome')[0]?.upgrade).toEqual(upgrade)
  const { world, connect } = await setup(upgrade, true)
  const refused = await connect({ build })
  expect(refused.refusal).toMatchObject({ reason: 'CLIENT_TOO_OLD' })
  expect(refused.refusal?.message).toContain('2.0.0')
  expect(refused.events).toEqual([])
  expect(world.engine.hub.sessions.size).toBe(0)
  expect((await connect({})).of('welcome')).toHaveLength(1)
})

test('where old clients are refused, those with a later version to be had are not', async () => {
  const { connect } = await setup({ version: '2.0.0', required: false }, true)
  expect((await connect({ build })).of('welcome')).toHaveLength(1)
})
