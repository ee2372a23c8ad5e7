import { randomBytes } from 'node:crypto'
import { keyPairOf } from '@parley/direct'
import type { Endpoint } from '@parley/direct'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { areNetworksMissing, homes } from './networks.ts'
import type { Homes, Router } from './networks.ts'
import type { PeerTask } from './peer.ts'
import { Program } from './program.ts'

const isSkipped = areNetworksMissing('direct paths through NATs')
const port = 20_005

/** The real presence, in the middle. */
async function rendezvousIn({ middle, server }: Homes): Promise<Endpoint> {
  const presence = new Program(middle, ['apps/presence/src/main.ts'], {
    HOST: server,
    PORT: String(port),
    INTERNAL_PORT: '0',
    ALLOW_PLAINTEXT: '1',
    RENDEZVOUS: 'where',
    NATS_URL: 'memory:',
    DATA_DIR: await tempFolder(),
    LOG_LEVEL: 'info',
  })
  const isUp = () => presence.lines.some((line) => line.includes(`${server}:${port}`))
  await eventually(isUp, { timeoutMs: 120_000 })
  return { address: server, port }
}

/** Two peers at home, each told where the other may be. */
async function peers(ofAnn: Router, ofBob: Router, openMs: number) {
  const nets = homes(ofAnn, ofBob)
  const rendezvous = await rendezvousIn(nets)
  const [annSecret, bobSecret] = [randomBytes(32), randomBytes(32)]
  const session = randomBytes(16).toString('hex')
  const peer = (namespace: string, task: Omit<PeerTask, 'rendezvous' | 'session' | 'openMs'>) => {
    const whole: PeerTask = { ...task, session, rendezvous, openMs }
    return new Program(namespace, ['test/nat/peer.ts', JSON.stringify(whole)], {})
  }
  const keyOf = (secret: Buffer) => Buffer.from(keyPairOf(secret).publicKey).toString('hex')
  const ann = peer(nets.ann, {
    role: 'initiator',
    own: '10.1.0.2',
    secret: annSecret.toString('hex'),
    expect: keyOf(bobSecret),
  })
  const bob = peer(nets.bob, {
    role: 'responder',
    own: '10.2.0.2',
    secret: bobSecret.toString('hex'),
    expect: keyOf(annSecret),
  })
  const annAt = (await ann.told('here')) as Endpoint[]
  const bobAt = (await bob.told('here')) as Endpoint[]
  ann.tell(JSON.stringify(bobAt))
  bob.tell(JSON.stringify(annAt))
  return { ann, bob, annAt, bobAt }
}

const ways: readonly (readonly [Router, Router])[] = [
  ['open', 'open'],
  ['port-restricted', 'open'],
  ['port-restricted', 'port-restricted'],
  ['symmetric', 'open'],
]

const walls: readonly (readonly [Router, Router])[] = [
  ['symmetric', 'port-restricted'],
  ['symmetric', 'symmetric'],
]

describe.skipIf(isSkipped)('homes behind routers', () => {
  test.each(ways)('%s and %s: the two reach each other directly', async (ofAnn, ofBob) => {
    const { ann, bob, annAt } = await peers(ofAnn, ofBob, 60_000)
    await ann.told('opened')
    const found = await bob.told('opened')
    if (ofAnn === 'port-restricted') expect(found).toEqual(annAt[1])
    ann.tell('hello from ann')
    bob.tell('hello from bob')
    expect(await bob.told('heard')).toBe('hello from ann')
    expect(await ann.told('heard')).toBe('hello from bob')
  })

  test.each(walls)(
    '%s and %s: no way is found, and that is known in time',
    async (ofAnn, ofBob) => {
      const { ann, bob } = await peers(ofAnn, ofBob, 3_000)
      expect(await ann.told('failed')).toBe('PATH_NOT_FOUND')
      expect(await bob.told('failed')).toBe('PATH_NOT_FOUND')
    },
  )
})
