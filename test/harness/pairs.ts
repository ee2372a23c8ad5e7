import type { ConnectionState } from '@parley/client'
import { eventually } from '@parley/testkit'
import { onTestFinished } from 'vitest'
import { History } from './history.ts'
import { befriend } from './person.ts'
import type { Person } from './person.ts'
import { Reader, readBack } from './reader.ts'
import { Talker } from './talker.ts'
import type { World } from './world.ts'

/** People who write to each other two by two, and everything that comes of it. */
export interface Pairs {
  readonly history: History
  /** Two of each pair, one in each direction. */
  readonly people: readonly Person[]
  readonly talkers: readonly Talker[]
  /** A naive device of each. */
  readonly readers: readonly Reader[]
  /** What the talkers' clients said of their connections so far. */
  readonly connections: readonly ConnectionState[]
  /** Reads everything back, waits until all readers have been told all of it, and closes them. */
  readAll(timeoutMs?: number): Promise<void>
}

/** Makes so many pairs of contacts, each with a client that talks and a device that reads; they go with the test. */
export async function pairsOf(world: World, count: number): Promise<Pairs> {
  const history = new History()
  const names = Array.from({ length: count * 2 }, (_, i) => `user${i}`)
  const people = await Promise.all(names.map((name) => world.person(name)))
  const connections: ConnectionState[] = []
  const readers: Reader[] = []
  const talkers: Talker[] = []
  onTestFinished(async () => {
    await Promise.all(readers.map((reader) => reader.close()))
  })
  for (const [i, from] of people.entries()) {
    const to = people[i ^ 1]!
    if (i % 2 === 0) await befriend(from, to)
    const client = from.connect()
    client.on((event) => {
      if (event.type === 'connection') connections.push(event.connection)
    })
    talkers.push(new Talker(history, client, { userId: to.userId }, from.name))
    readers.push(new Reader(history, await from.device('reader'), `${from.name}'s reader`))
  }
  return {
    history,
    people,
    talkers,
    readers,
    connections,
    async readAll(timeoutMs = 10_000) {
      for (const id of new Set(history.sends.map((send) => send.conversationId))) {
        const member = memberOf(history, people, id)
        const head = (await readBack(history, member, id)).at(-1)?.seq ?? 0
        const told = () => readers.filter((reader) => reader.seq(id) >= head).length === 2
        await eventually(told, { timeoutMs })
      }
      await Promise.all(readers.map((reader) => reader.close()))
    },
  }
}

function memberOf(history: History, people: readonly Person[], conversationId: string): Person {
  const send = history.sends.find((one) => one.conversationId === conversationId)
  const member = people.find((person) => person.userId === send?.senderId)
  if (member) return member
  throw new Error(`nobody has written to ${conversationId}`)
}
