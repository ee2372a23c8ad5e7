import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { seedClient } from '../../apps/presence/src/rendezvous/seed-client.fixture.ts'
import { passwordOf } from '../harness/person.ts'
import { testWorld } from '../harness/world.ts'

const patience = { timeoutMs: 60_000 }

async function setup() {
  const env = { RENDEZVOUS: '1' }
  const world = await testWorld({ services: ['presence', 'relay'], env })
  const door = world.cluster.addresses('presence')['public'] ?? ''
  return { world, port: Number(door.split(':')[1]) }
}

test('clients of the seed meet, their names are safe from others, and they talk on while services are away', async () => {
  const { world, port } = await setup()
  expect(port).toBe(world.cluster.ports.rendezvous)
  await world.person('rosa')
  const [guess, own] = ['guess', passwordOf('rosa')]
  const eve = await seedClient({ name: 'Rosa', port, password: guess, address: '127.0.0.2' })
  expect(eve.list).toBe('Refused,the name is registered: its password was not said or not right\n')
  const rosa = await seedClient({ name: 'rosa', port, password: own })
  expect(rosa.list).toBe(`rosa,${rosa.endpoint};end`)
  const guest = await seedClient({ name: 'guest', port, address: '127.0.0.3' })
  expect([...guest.users.keys()]).toEqual(['rosa', 'guest'])
  await eventually(() => rosa.users.has('guest'), patience)

  await world.kill('relay')
  const other = await seedClient({ name: 'other', port, address: '127.0.0.4' })
  expect(other.list).toBe('Refused,whose the name is cannot be asked now\n')
  await world.kill('presence')
  await eventually(() => guest.stream.isClosed && rosa.stream.isClosed, patience)
  rosa.say('guest', 'still there?')
  await eventually(() => guest.heard.includes('still there?'), patience)

  await world.cluster.start('relay')
  await world.cluster.start('presence')
  const again = await seedClient({ name: 'guest', port, address: '127.0.0.3' })
  expect(again.list).toBe(`guest,${again.endpoint};end`)
  expect(world.deaths()).toEqual([])
})
