import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { isAppError } from '@parley/errors'
import { assertPortsFree, loadClusterConfig, startCluster } from '@parley/cluster'
import type { ClusterConfig, ClusterRequest } from '@parley/cluster'
import { dataFolder, lockFolder } from '@parley/service-kit'
import type { Env, FolderLock } from '@parley/service-kit'
import { eventLine } from './event-line.ts'
import { startInOneProcess } from './one-process.ts'
import { readinessTable } from './readiness-table.ts'

/** All services of this machine, up. */
export interface Everything {
  stop(): Promise<void>
}

/**
 * Starts all services and prints where they are. The data folder is locked first, so a second
 * start ends before it has touched anything. When the signal aborts meanwhile, what was started
 * is stopped and the promise rejects.
 */
export async function startEverything(env: Env, signal: AbortSignal): Promise<Everything> {
  const config = await loadClusterConfig(env)
  const lock = await lockData(config.folder)
  try {
    await assertPortsFree(config)
    const everything = await startServices(config, env, signal)
    return {
      async stop() {
        await everything.stop()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function lockData(folder: string): Promise<FolderLock> {
  // The lock first where there is one already: making sure that a folder takes files writes to it.
  const early = isWritable(path.join(folder, 'lock.db')) ? lockFolder(folder) : undefined
  await dataFolder(folder)
  return early ?? lockFolder(folder)
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function startServices(
  config: ClusterConfig,
  env: Env,
  signal: AbortSignal,
): Promise<Everything> {
  if (config.natsUrl === 'memory:') return startInOneProcess(config, env)
  try {
    const cluster = await startCluster({ ...clusterRequest(config, env), signal })
    console.log(readinessTable(config, (member) => cluster.addresses(member)))
    return cluster
  } catch (error) {
    if (!isAppError(error) || error.reason !== 'NATS_SERVER_MISSING') throw error
    console.log(`parley: ${error.message}; until then all services run in this one process`)
    return startInOneProcess(config, env)
  }
}

function clusterRequest(config: ClusterConfig, env: Env): ClusterRequest {
  const { folder, ports, natsUrl, natsProgramFolder: programs } = config
  return {
    folder,
    ports,
    env,
    restart: 'backoff',
    ...(natsUrl === undefined ? {} : { nats: { url: natsUrl } }),
    ...(programs === undefined ? {} : { natsProgramFolders: [programs] }),
    tell(event) {
      const line = eventLine(event)
      if (line !== undefined) console.log(line)
    },
  }
}
