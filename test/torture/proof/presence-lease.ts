import { readFile } from 'node:fs/promises'
import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { idBytes } from '@parley/client'
import { presence } from '@parley/proto'
import { delay, sharedKeyFile, systemScheduler } from '@parley/service-kit'
import { startWorld } from '../../harness/world.ts'
import type { World } from '../../harness/world.ts'

/** Architecture.md section 6: watchers are right within 8 s of a crash. */
const crashSeenWithinMs = 8_000
const onlineWithinMs = 5_000
const askEveryMs = 100

/** I14 for a crash of the relay: breaches when presence goes on calling its users online. */
export async function presenceEndsWithItsRelay(): Promise<string[]> {
  const world = await startWorld({ services: ['presence', 'relay'] })
  try {
    const ann = await world.person('ann')
    await ann.connect().online()
    const asked = await askPresence(world)
    const isOnline = async () => (await asked.stateOf(ann.userId)) === presence.State.ONLINE
    if (!(await becomes(isOnline, true, onlineWithinMs))) {
      return ['I14: somebody who is connected is not online']
    }
    await world.kill('relay')
    const isOver = await becomes(isOnline, false, crashSeenWithinMs)
    asked.close()
    return isOver ? [] : [`I14: online ${crashSeenWithinMs} ms after the relay was killed`]
  } finally {
    await world.stop()
  }
}

/** Asks presence by its internal door, as a relay does. */
async function askPresence({ cluster }: World) {
  const keyFile = sharedKeyFile(cluster.dataFolder('presence'), 'internal')
  const key = (await readFile(keyFile, 'utf8')).trim()
  const metadata = keyMetadata(serviceKeyHeader, key)
  const address = cluster.addresses('presence')['internal'] ?? ''
  const opened = openClient(presence.PresenceClient, address, { metadata })
  const stateOf = async (userId: string) => {
    const { users } = await opened.call.query({ userIds: [Buffer.from(idBytes(userId))] })
    return users[0]?.state
  }
  return { stateOf, close: () => opened.close() }
}

async function becomes(
  ask: () => Promise<boolean>,
  wanted: boolean,
  withinMs: number,
): Promise<boolean> {
  const endMs = performance.now() + withinMs
  while ((await ask()) !== wanted) {
    if (performance.now() > endMs) return false
    await delay(systemScheduler, askEveryMs)
  }
  return true
}
