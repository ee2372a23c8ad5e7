import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '@parley/cluster'
import type { Cluster } from '@parley/cluster'
import { currentEnv } from '../config.ts'
import { runParley, startParley } from './run-parley.ts'
import type { Ended } from './run-parley.ts'

/** The real services, each a process, and people with a home of their own. */
export interface World {
  readonly cluster: Cluster
  readonly folder: string
  person(name: string): Person
  /** Those who are registered by this, in their order. */
  registered(a: string, b: string, c: string): Promise<[Person, Person, Person]>
  admin(...args: string[]): Promise<Ended>
}

/** Somebody who types commands. */
export interface Person {
  readonly name: string
  readonly env: Record<string, string>
  /** Runs a command with `--json`. */
  run(...args: string[]): Promise<Ended>
  /** As `run`; throws unless it ends with 0, and answers the JSON lines of what was done. */
  does(...args: string[]): Promise<Record<string, unknown>[]>
  start(...args: string[]): ReturnType<typeof startParley>
}

/** A world in a folder of its own, and three people in it. */
export interface People {
  readonly world: World
  readonly folder: string
  readonly alice: Person
  readonly bob: Person
  readonly carol: Person
  /** Stops the services and removes the folder. */
  end(): Promise<void>
}

/** Boots all services for alice, bob and carol, who do not know each other. */
export async function threeStrangers(): Promise<People> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-cli-'))
  const world = await startWorld(folder)
  const end = async () => {
    await world.cluster.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const [alice, bob, carol] = await world.registered('alice', 'bob', 'carol')
    return { world, folder, alice, bob, carol, end }
  } catch (error) {
    // No services are left running when there is nobody to use them.
    await end()
    throw error
  }
}

/** As `threeStrangers`, but alice and bob are friends. */
export async function twoFriends(): Promise<People> {
  const people = await threeStrangers()
  try {
    await befriend(people.alice, people.bob)
    return people
  } catch (error) {
    await people.end()
    throw error
  }
}

/** One asks the other, who accepts. */
export async function befriend(one: Person, other: Person): Promise<void> {
  await one.does('friends', 'add', other.name)
  await other.does('friends', 'accept', one.name)
}

/** Boots all services in a folder, which may be that of an earlier world. */
export async function startWorld(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<World> {
  const { PATH, NODE_COMPILE_CACHE } = currentEnv()
  const env = { PATH, NODE_COMPILE_CACHE, LOG_LEVEL: 'warn', ...settings }
  const cluster = await startCluster({ folder, env, restart: 'manual' })
  const server = cluster.addresses('relay')['public'] ?? ''
  const person = (name: string) => personOf(name, join(folder, `home-${name}`), server)
  return {
    cluster,
    folder,
    person,
    async registered(...names) {
      const [a, b, c] = [person(names[0]), person(names[1]), person(names[2])]
      for (const one of [a, b, c]) await one.does('register', one.name)
      return [a, b, c]
    },
    admin: (...args) => {
      const relay = cluster.addresses('relay')['internal'] ?? ''
      const dataDir = cluster.dataFolder('relay')
      const operator = { RELAY_INTERNAL: relay, DATA_DIR: dataDir }
      return runParley(operator, ['--json', ...args], '', 'parley-admin')
    },
  }
}

function personOf(name: string, home: string, server: string): Person {
  const env = {
    PARLEY_HOME: home,
    PARLEY_SERVER: server,
    PARLEY_PASSWORD: `the password of ${name}`,
  }
  const run = (...args: string[]) => runParley(env, ['--json', ...args])
  return {
    name,
    env,
    run,
    async does(...args) {
      const { code, err, lines } = await run(...args)
      // How far a slow machine is after a second is no result.
      if (code === 0) return lines.filter(({ type }) => type !== 'progress')
      throw new Error(`parley ${args.join(' ')} ended with ${code}: ${err}`)
    },
    start: (...args) => startParley(env, ['--json', ...args]),
  }
}
