import { systemScheduler } from '@parley/service-kit'
import { FakeScheduler, recordingLogger } from '@parley/testkit'
import { expect, test } from 'vitest'
import { busContract } from './bus.contract.ts'
import { connectBus } from './connect-bus.ts'
import { MemoryBus, MemoryHub } from './memory-bus.ts'

const { log } = recordingLogger()

busContract('MemoryBus', () => {
  const hub = new MemoryHub()
  return Promise.resolve({
    open: () => Promise.resolve(new MemoryBus({ hub, scheduler: systemScheduler, log })),
    outage: () => Promise.resolve(hub.stop()),
    heal: () => Promise.resolve(hub.start()),
  })
})

test('delivery waits for the scheduler, so that a simulation owns its order', async () => {
  const scheduler = new FakeScheduler()
  const hub = new MemoryHub()
  const [ann, bob] = [0, 1].map(() => new MemoryBus({ hub, scheduler, log }))
  const heard: number[] = []
  bob?.subscribe('a', (payload) => void heard.push(payload.length))
  ann?.publish('a', new Uint8Array(3))
  expect(heard).toEqual([])
  await scheduler.advance(0)
  expect(heard).toEqual([3])
})

test('buses opened under memory: in one process meet', async () => {
  const ann = await connectBus({ natsUrl: 'memory:' }, { name: 'a', log })
  const bob = await connectBus({ natsUrl: 'memory:' }, { name: 'b', log })
  const heard: number[] = []
  bob.subscribe('a', (payload) => void heard.push(payload.length))
  ann.publish('a', new Uint8Array(2))
  await bob.flush()
  await bob.flush()
  expect(heard).toEqual([2])
  await Promise.all([ann.close(), bob.close()])
})
