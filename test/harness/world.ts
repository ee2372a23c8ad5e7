import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startCluster } from '@parley/cluster'
import type { Cluster, ClusterEvent, ClusterRequest, MemberName } from '@parley/cluster'
import { onTestFinished } from 'vitest'
import { ParleyCommand } from './parley-command.ts'
import { Person } from './person.ts'

/** A whole system of its own, with people in it. */
export interface World {
  readonly cluster: Cluster
  /** A temporary folder, gone with the world. */
  readonly folder: string
  /** `host:port` of the relay's public door. */
  readonly relay: string
  /** What the cluster told so far. */
  readonly events: readonly ClusterEvent[]
  /** Members that ended although the scenario had not killed them. */
  deaths(): readonly MemberName[]
  /** Ends a member at once, as a crash would. */
  kill(member: MemberName): Promise<void>
  /** Somebody new, registered under this name. */
  person(name: string): Promise<Person>
  /** The `parley` command with a home of its own. */
  parley(homeName: string): ParleyCommand
  stop(): Promise<void>
}

/** What a world's cluster is made of; all four services and no restarts unless told. */
export type WorldOptions = Partial<Pick<ClusterRequest, 'services' | 'envOf' | 'restart' | 'nats'>>

/** Starts a world that ends with the current test. */
export async function testWorld(options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(options)
  onTestFinished(() => world.stop())
  return world
}

/** Starts the real cluster on free ports in a temporary folder. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-world-'))
  const events: ClusterEvent[] = []
  const killed: MemberName[] = []
  const cluster = await startCluster({
    folder: path.join(folder, 'data'),
    env: { ...process.env, LOG_LEVEL: 'info' },
    restart: 'manual',
    tell: (event) => void events.push(event),
    ...options,
  })
  const relay = `127.0.0.1:${cluster.ports.relay}`
  const people: Person[] = []
  return {
    cluster,
    folder,
    relay,
    events,
    deaths: () => unasked(events, killed),
    kill(member) {
      killed.push(member)
      return cluster.kill(member)
    },
    async person(name) {
      const person = await Person.register(relay, name)
      people.push(person)
      return person
    },
    parley: (homeName) => new ParleyCommand(path.join(folder, 'homes', homeName), relay),
    async stop() {
      await Promise.all(people.map((person) => person.close()))
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function unasked(events: readonly ClusterEvent[], killed: readonly MemberName[]): MemberName[] {
  const left = [...killed]
  const ended = events.filter((event) => event.type === 'ended').map((event) => event.member)
  return ended.filter((member) => {
    const at = left.indexOf(member)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
