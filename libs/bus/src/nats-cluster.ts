import { join } from 'node:path'
import { systemScheduler } from '@parley/service-kit'
import { startNatsServer } from './nats-server.ts'
import type { NatsServer, NatsServerRequest } from './nats-server.ts'

/** What a cluster of nats-servers is made of. */
export interface NatsClusterRequest extends Pick<NatsServerRequest, 'users' | 'programFolders'> {
  /** Each server has a folder in it. */
  readonly folder: string
  /** 3 unless told. */
  readonly size?: number
}

/** Several nats-servers that pass on what is said at any of them. */
export interface NatsCluster {
  /** All servers, separated by commas, as `NATS_URL` takes them. */
  readonly url: string
  /** The servers as they were started last, by their place. */
  readonly servers: readonly NatsServer[]
  /** By user name, the same at each server. */
  readonly passwords: Readonly<Record<string, string>>
  /** Starts one that has ended again, where it was. */
  start(place: number): Promise<void>
  /** Ends all, in order. */
  stop(): Promise<void>
}

/** Starts a cluster on loopback; it passes messages on some milliseconds after this resolves. */
export async function startNatsCluster(request: NatsClusterRequest): Promise<NatsCluster> {
  const { folder, size = 3, ...each } = request
  const secret = Buffer.from(systemScheduler.randomBytes(24)).toString('base64url')
  const servers: NatsServer[] = []
  const launch = (place: number, was: Partial<NatsServer>) => {
    const others = servers.filter((_, at) => at !== place)
    const seeds = others.map(({ routePort }) => `127.0.0.1:${routePort}`)
    const { passwords } = servers[0] ?? was
    return startNatsServer({
      ...each,
      folder: join(folder, `nats-${place + 1}`),
      port: was.port ?? 0,
      routes: { secret, port: was.routePort ?? 0, seeds },
      ...(passwords === undefined ? {} : { passwords }),
    })
  }
  try {
    for (let place = 0; place < size; place += 1) servers.push(await launch(place, {}))
  } catch (error) {
    await Promise.all(servers.map((server) => server.kill()))
    throw error
  }
  return {
    url: servers.map(({ url }) => url).join(','),
    servers,
    passwords: servers[0]?.passwords ?? {},
    async start(place) {
      servers[place] = await launch(place, servers[place] ?? {})
    },
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  }
}
