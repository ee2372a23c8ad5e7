import type { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { Wire, helloOf } from '../harness/wire.ts'
import { actors } from './cast.ts'
import type { Actor } from './cast.ts'
import type { Row } from './expectations.ts'
import { tampered } from './forger.ts'
import { conversationOf } from './stream-expectations.ts'
import { fence, plain } from './stream-probe.ts'
import { patienceMs } from './stream-scene.ts'
import type { StreamScene } from './stream-scene.ts'
import type { Tally } from './tally.ts'

/** What a stream of its own is opened for, about what, and what is to be told. */
interface Opened {
  /** All that is told, or why the stream ended; about one object, or about what never existed. */
  readonly told: (
    name: string,
    isThere: boolean,
    scene: StreamScene,
    actor: Actor,
  ) => Promise<string>
  readonly objects: Readonly<Record<string, Row>>
}

const neverId = Buffer.alloc(16, 7)
const membersOnly: Row = { owner: 'ok', admin: 'ok', member: 'ok', others: 'missing' }
const readers: Row = { ...membersOnly, left: 'ok', removed: 'ok' }

/** A hello with another's device is as one with a device that never was. */
const ofDevices: Opened = {
  async told(name, isThere, { cast, spareDeviceId, world }, actor) {
    const { accessToken, deviceId } = cast[actor].login()
    const there = name === 'its own device' ? deviceId : spareDeviceId
    const wire = new Wire(world.relay)
    const who = { accessToken, deviceId: isThere ? there : neverId }
    return telling(wire, helloOf(who, { transient: true }))
  },
  objects: {
    'its own device': { others: 'ok' },
    "the member's other device": { others: 'missing' },
  },
}

/** A cursor in another's conversation is as one in a conversation that never was. */
const ofCursors: Opened = {
  async told(name, isThere, scene, actor) {
    const conversationId = isThere ? conversationOf(name, scene) : neverId
    const wire = new Wire(scene.world.relay)
    const cursors = [{ conversationId, epoch: 1, seq: 1 }]
    return telling(wire, helloOf(scene.cast[actor].login(), { cursors }))
  },
  objects: {
    closed: readers,
    open: readers,
    dissolved: readers,
    direct: { owner: 'ok', member: 'ok', others: 'missing' },
    "the owner's notices": { owner: 'ok', others: 'missing' },
  },
}

/** A stream goes on by a token of its own login alone; another's is told apart from none at all only by its bearer. */
const ofTokens: Opened = {
  async told(name, isThere, { cast, world }, actor) {
    const other = actor === 'outsider' ? cast.owner : cast.outsider
    const { accessToken: there } = (name === 'its own token' ? cast[actor] : other).login()
    const accessToken = isThere
      ? there
      : tampered(there, { sub: cast.owner.userId.replace(/^./, '9') })
    const wire = new Wire(world.relay)
    return telling(wire, helloOf(cast[actor].login(), { transient: true }), accessToken)
  },
  objects: {
    'its own token': { others: 'ok' },
    "another's token": { others: 'TOKEN_INVALID' },
  },
}

/** Every command that opens or keeps a stream, by what it names. */
export const opened: Readonly<Record<string, Opened>> = {
  'hello of a device': ofDevices,
  'hello with a cursor': ofCursors,
  'renew by a token': ofTokens,
}

/** Everybody opens streams of their own. */
export function openingsMatrix(get: () => StreamScene, count: Tally): void {
  test.each(Object.entries(opened))('%s', async (_name, { told, objects }) => {
    const scene = get()
    const wrong = await Promise.all(
      actors.map(async (actor) => {
        const found: string[] = []
        for (const [name, row] of Object.entries(objects)) {
          count.cell()
          const wanted = row[actor] ?? row.others
          const there = await told(name, true, scene, actor)
          const got = there === (await told(name, false, scene, actor)) ? 'missing' : verdict(there)
          if (got !== wanted) found.push(`${actor} x ${name}: ${got}, not ${wanted}`)
        }
        return found
      }),
    )
    expect(wrong.flat()).toEqual([])
  })
}

function verdict(told: string): string {
  return /^ended: (\w+)/.exec(told)?.[1] ?? 'ok'
}

/** All that a hello, and a renewal after it, is told, in an order that does not depend on when logs are read. */
async function telling(wire: Wire, hello: chat.Hello, renewal?: string): Promise<string> {
  wire.write({ $case: 'hello', value: hello })
  if (renewal !== undefined) wire.write({ $case: 'renew', value: { accessToken: renewal } })
  const all = hello.transient ? fence(wire) : wire.next('caughtUp', () => true, patienceMs)
  const end = await Promise.race([
    all.then(
      () => undefined,
      () => undefined,
    ),
    wire.ended,
  ])
  wire.close()
  if (end) return `ended: ${end.reason} ${end.code} ${end.details}`
  return plain(wire.events.filter(({ $case }) => $case !== 'pong'))
    .toSorted()
    .join('\n')
}
