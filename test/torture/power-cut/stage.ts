import path from 'node:path'
import { startCluster } from '@parley/cluster'
import type { Cluster, ServiceName } from '@parley/cluster'
import { befriend, makeGroup, Person } from '../../harness/person.ts'
import type { LoopDisk } from '../disk/loop-disk.ts'

const services = ['relay', 'file-server'] as const satisfies readonly ServiceName[]

/** A relay on SQLite and a file server, with all their data on one disk, and people in it. */
export interface Stage {
  readonly disk: LoopDisk
  readonly cluster: Cluster
  /** `ann`, `bob` and `cat` talk; `dan` uploads. All are members of the group. */
  readonly people: Readonly<Record<'ann' | 'bob' | 'cat' | 'dan', Person>>
  readonly group: string
  /** Root of the file server. */
  readonly files: string
  close(): Promise<void>
}

/** Opens a stage on a disk that is mounted and empty. */
export async function openStage(disk: LoopDisk): Promise<Stage> {
  const cluster = await startCluster({
    folder: path.join(disk.folder, 'data'),
    services,
    // Nothing is asked of the bus here, so none runs.
    nats: { url: 'memory:' },
    restart: 'manual',
    env: {
      ...process.env,
      LOG_LEVEL: 'warn',
      MIN_FREE_BYTES: String(8 << 20),
      // Half of a start is reading modules; this disk is not the one whose power is cut.
      NODE_COMPILE_CACHE: path.resolve(
        import.meta.dirname,
        '../../../node_modules/.cache/parley-compile',
      ),
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
    return { disk, cluster, people, group, files: `http://127.0.0.1:${cluster.ports.files}`, close }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/**
 * Cuts the power and ends what ran on the disk. Everything is halted in the same instant: a sync
 * that is under way while XFS shuts down may report success (5 of 300 did on Linux 6.18), and with
 * the power gone nobody could have told of it.
 */
export async function cutPower({ disk, cluster }: Stage): Promise<void> {
  const halted = services.map((name) => cluster.kill(name, 'SIGSTOP'))
  await disk.cut()
  await Promise.all(halted)
  await Promise.all(services.map((name) => cluster.kill(name)))
}

/** Brings the power back and starts everything again. */
export async function restorePower({ disk, cluster }: Stage): Promise<void> {
  await disk.restore()
  await Promise.all(services.map((name) => cluster.start(name)))
}

/** Cuts the power while everything starts, after so many milliseconds of starting. */
export async function cutPowerWhileStarting(stage: Stage, pause: Promise<void>): Promise<void> {
  await stage.disk.restore()
  const starting = Promise.allSettled(services.map((name) => stage.cluster.start(name)))
  await pause
  await cutPower(stage)
  await starting
  // One that was ready in the same moment.
  await Promise.all(services.map((name) => stage.cluster.kill(name)))
}
