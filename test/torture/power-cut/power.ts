import type { Mariadb } from '@parley/testkit/mariadb'
import type { Stage } from '../disk/stage.ts'
import type { LoopDisk } from '../disk/loop-disk.ts'

/** A stage on a disk whose power can be cut. */
export interface Powered extends Stage {
  readonly disk: LoopDisk
  /** What the relay stores in, on the same disk; without it in SQLite. */
  readonly mariadb: Mariadb | undefined
}

/**
 * Cuts the power and ends what ran on the disk. Everything is halted in the same instant: a sync
 * that is under way while XFS shuts down may report success (5 of 300 did on Linux 6.18), and with
 * the power gone nobody could have told of it.
 */
export async function cutPower({ disk, cluster, mariadb, services }: Powered): Promise<void> {
  mariadb?.pause()
  const halted = services.map((name) => cluster.kill(name, 'SIGSTOP'))
  await disk.cut()
  await Promise.all(halted)
  await Promise.all([mariadb?.kill(), ...services.map((name) => cluster.kill(name))])
}

/** Brings the power back and starts everything again. */
export async function restorePower({ disk, cluster, mariadb, services }: Powered): Promise<void> {
  await disk.restore()
  await mariadb?.start()
  await Promise.all(services.map((name) => cluster.start(name)))
}

/** Cuts the power while everything starts, after so many milliseconds of starting. */
export async function cutPowerWhileStarting(stage: Powered, pause: Promise<void>): Promise<void> {
  await stage.disk.restore()
  await stage.mariadb?.start()
  const starting = Promise.allSettled(stage.services.map((name) => stage.cluster.start(name)))
  await pause
  await cutPower(stage)
  await starting
  // One that was ready in the same moment.
  await Promise.all(stage.services.map((name) => stage.cluster.kill(name)))
}
