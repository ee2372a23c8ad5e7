import { serviceEnvironment, serviceNames } from '@parley/cluster'
import type { ClusterConfig, ServiceName } from '@parley/cluster'
import { createLogger, openAll } from '@parley/service-kit'
import type { Env, Logger, RunningService } from '@parley/service-kit'
import { readinessTable } from './readiness-table.ts'

type Start = (env: Env, log: Logger) => Promise<RunningService>

// Loaded only when needed: this process otherwise only watches over others.
const starts: Readonly<Record<ServiceName, Start>> = {
  presence: async (env, log) => {
    const { loadConfig, startPresence } = await import('../../apps/presence/src/index.ts')
    return startPresence(loadConfig(env), log)
  },
  'file-server': async (env, log) => {
    const { loadConfig, startFileServer } = await import('../../apps/file-server/src/index.ts')
    return startFileServer(loadConfig(env), { log })
  },
  'img-server': async (env, log) => {
    const { loadConfig, startImgServer } = await import('../../apps/img-server/src/index.ts')
    return startImgServer(loadConfig(env), { log })
  },
  relay: async (env, log) => {
    const { loadConfig, startRelay } = await import('../../apps/relay/src/index.ts')
    return startRelay(loadConfig(env), log)
  },
}

const stopLimitMs = 15_000

/** Runs all services in this process, with the bus in memory, and prints where they are. */
export async function startInOneProcess(
  config: ClusterConfig,
  env: Env,
): Promise<{ stop(): Promise<void> }> {
  const { folder, ports } = config
  const settings = { folder, ports, env, natsUrl: 'memory:', natsPasswords: {} }
  const addresses = new Map<string, RunningService['addresses']>()
  return openAll(async (closers) => {
    for (const name of serviceNames) {
      // Only what needs somebody's attention: this terminal is shared with the table.
      const log = createLogger(name, 'error')
      const service = await starts[name](serviceEnvironment(name, settings), log)
      closers.push(name, () => service.close(), stopLimitMs)
      addresses.set(name, service.addresses)
    }
    const inMemory = { ...config, natsUrl: 'memory:' }
    console.log(readinessTable(inMemory, (member) => addresses.get(member) ?? {}))
    return { stop: () => closers.close() }
  })
}
