import { startNatsServer } from '@parley/bus'
import type { NatsServer } from '@parley/bus'
import type { Ending, Launch } from './running.ts'

/** The bus server of a cluster: started again and again on one port with one set of passwords. */
export interface NatsMember {
  readonly launch: Launch
  /** By user name; known after the first start. */
  passwords(): Readonly<Record<string, string>>
}

/** A nats-server with the services' users; `launch` throws (precondition, NATS_SERVER_MISSING) where there is none. */
export function natsMember(
  folder: string,
  port: number,
  programFolders?: readonly string[],
): NatsMember {
  let passwords: Readonly<Record<string, string>> | undefined
  return {
    async launch() {
      const server = await startNatsServer({
        folder,
        port,
        ...(passwords ? { passwords } : {}),
        ...(programFolders ? { programFolders } : {}),
      })
      passwords = server.passwords
      return running(server)
    },
    passwords: () => passwords ?? {},
  }
}

function running(server: NatsServer) {
  let alive = true
  // Of a nats-server only the fact that it ended is known.
  const ended: Promise<Ending> = server.ended.then(() => {
    alive = false
    return { code: null, signal: null }
  })
  return {
    pid: server.pid,
    addresses: { nats: `127.0.0.1:${server.port}` },
    ended,
    signal(name: NodeJS.Signals) {
      if (alive) process.kill(server.pid, name)
    },
  }
}
