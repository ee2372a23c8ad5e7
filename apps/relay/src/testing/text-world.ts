import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@parley/testkit'
import { onTestFinished } from 'vitest'
import type { Login } from './engine-world.ts'
import { startRelayWorld } from './relay-world.ts'
import type { Person, RelayWorld } from './relay-world.ts'
import { TextClient } from './text-client.ts'
import { WireDevice } from './wire-device.ts'

const patiently = { timeoutMs: 30_000 }

/** The password of everybody in a relay world. */
export const password = 'correct horse'

/** A relay that speaks text, and people at both kinds of clients. */
export interface TextWorld {
  readonly relay: RelayWorld
  /** Two friends whom nobody else knows. */
  friends(): Promise<[Person, Person]>
  /** A connection, without a word on it. */
  dial(): TextClient
  /** Somebody at a text client that ends lines, logged in. */
  enter(person: Person): Promise<TextClient>
  /** Somebody at a device that speaks gRPC, and has caught up. */
  modern(person: Person): Promise<WireDevice>
  /** A group of these, the first its owner; its id. */
  group(title: string, ...members: readonly Person[]): Promise<Buffer>
  close(): Promise<void>
}

/** Starts a relay that speaks gRPC and text. */
export async function startTextWorld(
  env: Readonly<Record<string, string>> = {},
): Promise<TextWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const relay = await startRelayWorld(folder, { DIALECTS: 'grpc,text', ...env })
  let pairs = 0
  const dial = () => new TextClient(relay.publicAddress)
  return {
    relay,
    async friends() {
      pairs += 1
      const [ann, bob] = [await relay.register(`ann${pairs}`), await relay.register(`bob${pairs}`)]
      await ann.contacts.request({ userId: bob.userId })
      await bob.contacts.answer({ userId: ann.userId, accept: true })
      return [ann, bob]
    },
    dial,
    async enter({ name }) {
      const client = dial().ask(`101|${name},${password}`)
      const [answer] = await client.replies(1)
      if (answer !== '1|') throw new Error(`the login of ${name} was answered ${answer}`)
      return client
    },
    async modern({ credentials: { accessToken: token, deviceId } }) {
      const device = new WireDevice(relay.publicAddress)
      onTestFinished(() => device.close())
      device.hello({ token, deviceId } as Login)
      await eventually(() => device.of('caughtUp').length > 0, patiently)
      return device
    },
    async group(title, owner, ...members) {
      const userIds = members.map(({ userId }) => userId)
      const { group } = await owner.groups.create({ title, userIds })
      if (group === undefined) throw new Error('no group was made')
      return group.conversationId
    },
    async close() {
      await relay.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
