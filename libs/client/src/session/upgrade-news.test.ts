import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { quickScheduler, startClient, startRelay } from '../testing/world.ts'

const build = { version: '1.0.0', platform: 'linux-x64', channel: 'stable' }

test('a client says which program it is, and tells of a later version once', async () => {
  const relay = await startRelay()
  relay.script.welcome = { upgrade: { version: '1.2.0', required: false } }
  const { events } = startClient(relay, { build, scheduler: quickScheduler() })
  const told = () => events.filter(({ type }) => type === 'upgrade')
  await eventually(() => expect(told()).toHaveLength(1))
  const hello = relay.streams[0]?.commands.find(({ $case }) => $case === 'hello')
  expect(hello?.value).toMatchObject({ build })
  relay.streams[0]?.cut()
  await eventually(() => expect(relay.open).toHaveLength(1))
  relay.script.welcome = { upgrade: { version: '1.3.0', required: true } }
  relay.open[0]?.cut()
  await eventually(() => expect(told()).toHaveLength(2))
  expect(told()).toEqual([
    { type: 'upgrade', version: '1.2.0', required: false },
    { type: 'upgrade', version: '1.3.0', required: true },
  ])
})
