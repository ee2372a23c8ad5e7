import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startCluster } from '@parley/cluster'
import type { Cluster, ServiceName } from '@parley/cluster'
import type { Env } from '@parley/service-kit'
import { compileCache } from '../../harness/compile-cache.ts'
import { befriend, makeGroup, Person } from '../../harness/person.ts'

/** What runs on a stage unless told. */
export const services = ['relay', 'file-server'] as const satisfies readonly ServiceName[]

/** A relay and a file server, with all their data in one folder, and people in it. */
export interface Stage {
  readonly cluster: Cluster
  /** `ann`, `bob` and `cat` talk; `dan` uploads. All are members of the group. */
  readonly people: Readonly<Record<'ann' | 'bob' | 'cat' | 'dan', Person>>
  readonly group: string
  /** Root of the file server. */
  readonly files: string
  /** Root of the image server, where one runs. */
  readonly images: string
  readonly services: readonly ServiceName[]
  close(): Promise<void>
}

/** Opens a stage in an empty folder; `more` is what its services are told besides. */
export async function openStage(
  folder: string,
  more: Env = {},
  running: readonly ServiceName[] = services,
): Promise<Stage> {
  const cluster = await startCluster({
    folder: path.join(folder, 'data'),
    services: running,
    // Nothing is asked of the bus here, so none runs.
    nats: { url: 'memory:' },
    restart: 'manual',
    env: {
      ...process.env,
      LOG_LEVEL: 'warn',
      MIN_FREE_BYTES: String(8 << 20),
      // Not on the disk whose power is cut.
      NODE_COMPILE_CACHE: compileCache,
      ...more,
    },
  })
  const relay = `127.0.0.1:${cluster.ports.relay}`
  try {
    const names = ['ann', 'bob', 'cat', 'dan'] as const
    const [ann, bob, cat, dan] = (await Promise.all(
      names.map((name) => Person.register(relay, name)),
    )) as [Person, Person, Person, Person]
    for (const friend of [bob, cat, dan]) await befriend(ann, friend)
    const group = await makeGroup(ann, [bob, cat, dan])
    const people = { ann, bob, cat, dan }
    const close = async () => {
      await Promise.all(Object.values(people).map((person) => person.close()))
      await cluster.stop()
    }
    const files = `http://127.0.0.1:${cluster.ports.files}`
    const images = `http://127.0.0.1:${cluster.ports.images}`
    return { cluster, people, group, files, images, services: running, close }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** Runs something on a stage in a temporary folder; both are gone afterwards, whatever came of it. */
export async function withStage<Result>(run: (stage: Stage) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-stage-'))
  try {
    const stage = await openStage(folder)
    try {
      return await run(stage)
    } finally {
      await stage.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
