import { expect, test } from 'vitest'
import { clusterPorts } from './ports.ts'
import { serviceMembers } from './service-members.ts'
import { memberEnvironment, serviceEnvironment } from './services.ts'

async function setup() {
  const ports = await clusterPorts()
  const counts = { relay: 3, presence: 2 }
  const members = await serviceMembers(['relay', 'presence'], counts, ports)
  const morePresencePorts = members
    .filter(({ member }) => member === 'presence-2')
    .map(({ internalPort }) => internalPort)
  const natsPasswords = { relay: 'of relays', presence: 'of presence' }
  const settings = { folder: 'data', ports, natsUrl: 'nats://here:1', natsPasswords, env: {} }
  return { ports, members, settings: { ...settings, morePresencePorts } }
}

test('the first process of a service has its name and ports, the others have their own', async () => {
  const { ports, members } = await setup()
  expect(members.map(({ member }) => member)).toEqual([
    'presence',
    'presence-2',
    'relay',
    'relay-2',
    'relay-3',
  ])
  const doors = members.flatMap(({ port, internalPort }) => [port ?? [], internalPort]).flat()
  const others = [ports.files, ports.images, ports.filesInternal, ports.imagesInternal, ports.nats]
  expect(new Set([...doors, ...others]).size).toBe(doors.length + others.length)
})

test('every relay is told of all presence processes, and speaks on the bus as a relay', async () => {
  const { ports, members, settings } = await setup()
  const [, second, , relay2] = members
  const env = memberEnvironment(relay2!, settings)
  const { presenceInternal } = ports
  expect(env).toMatchObject({
    PORT: String(relay2!.port),
    INTERNAL_PORT: String(relay2!.internalPort),
    PRESENCE_INTERNAL: `127.0.0.1:${presenceInternal},127.0.0.1:${second!.internalPort}`,
    DATA_DIR: 'data/relay-2',
    NATS_USER: 'relay',
    NATS_PASSWORD: 'of relays',
  })
  expect(serviceEnvironment('relay', settings)).toMatchObject({ PORT: String(ports.relay) })
})

test.each([
  [{}, false],
  [{ RENDEZVOUS: '0' }, false],
  [{ RENDEZVOUS: 'seed' }, false],
  [{ RENDEZVOUS: 'where' }, true],
  [{ RENDEZVOUS: 'seed,where' }, true],
  [{ RENDEZVOUS: '1' }, true],
])(
  'with %j the relay names presence to clients that ask where they are: %s',
  async (env, named) => {
    const { ports, settings } = await setup()
    const { RENDEZVOUS_PUBLIC } = serviceEnvironment('relay', { ...settings, env })
    expect(RENDEZVOUS_PUBLIC).toBe(named ? `127.0.0.1:${ports.rendezvous}` : undefined)
    const elsewhere = { ...env, RENDEZVOUS_PUBLIC: 'chat.example:20005' }
    expect(serviceEnvironment('relay', { ...settings, env: elsewhere })).toMatchObject(elsewhere)
  },
)
