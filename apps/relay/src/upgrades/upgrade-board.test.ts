import { FakeScheduler, recordingLogger } from '@parley/testkit'
import { expect, test } from 'vitest'
import type { CurrentUpgrade } from '../store/queries/upgrades.ts'
import { boardMs, openUpgradeBoard } from './upgrade-board.ts'
import type { UpgradeBoardParts } from './upgrade-board.ts'

const linux = { channel: 'stable', platform: 'linux-x64' }

function setup() {
  const scheduler = new FakeScheduler()
  const store = { away: false, asked: 0, rows: [] as CurrentUpgrade[] }
  const ask = () => {
    store.asked += 1
    return store.away ? Promise.reject(new Error('away')) : Promise.resolve(store.rows)
  }
  const journal = { ask } as unknown as UpgradeBoardParts['journal']
  const { log } = recordingLogger()
  const board = openUpgradeBoard({ scheduler, journal, log, refusesOld: false })
  const upgradeFor = (version: string, place = linux) => board.upgradeFor({ ...place, version })
  return { scheduler, store, upgradeFor }
}

test('a client hears of a later version of its channel and platform, and when it needs it', async () => {
  const { store, upgradeFor } = setup()
  store.rows = [{ ...linux, version: '1.10.0', minVersion: '1.2.0' }]
  expect(await upgradeFor('1.9.0')).toEqual({ version: '1.10.0', required: false })
  expect(await upgradeFor('1.2.0-rc.1')).toEqual({ version: '1.10.0', required: true })
  for (const version of ['1.10.0', '2.0.0', 'v1', '']) {
    expect(await upgradeFor(version)).toBeUndefined()
  }
  expect(await upgradeFor('1.0.0', { ...linux, channel: 'beta' })).toBeUndefined()
  expect(await upgradeFor('1.0.0', { ...linux, platform: 'linux-arm64' })).toBeUndefined()
})

test('the store is asked once in five seconds, whoever connects, and nobody waits for one that is away', async () => {
  const { scheduler, store, upgradeFor } = setup()
  store.rows = [{ ...linux, version: '2.0.0', minVersion: '0.0.0' }]
  await Promise.all(Array.from({ length: 1_000 }, () => upgradeFor('1.0.0')))
  expect(store.asked).toBe(1)
  store.away = true
  await scheduler.advance(boardMs)
  expect(await upgradeFor('1.0.0')).toMatchObject({ version: '2.0.0' })
  expect(store.asked).toBe(2)
  store.away = false
  store.rows = [{ ...linux, version: '3.0.0', minVersion: '0.0.0' }]
  expect(await upgradeFor('1.0.0')).toMatchObject({ version: '2.0.0' })
  await scheduler.advance(boardMs)
  expect(await upgradeFor('1.0.0')).toMatchObject({ version: '3.0.0' })
})
