import type { ChatClient } from '@parley/client'
import { onTestFinished } from 'vitest'
import { startFaultProxy } from '../torture/proxy/index.ts'
import type { FaultProxy } from '../torture/proxy/index.ts'
import type { Person } from './person.ts'

/** Somebody at a device that others call through a proxy. */
export interface DirectCaller {
  readonly person: Person
  readonly client: ChatClient
  readonly proxy: FaultProxy
  /** `open` and `closed`, as the device was told of its paths. */
  readonly moves: string[]
}

/** Connects somebody's device; whoever calls it directly comes through a proxy that breaks as told. */
export async function directCaller(person: Person): Promise<DirectCaller> {
  const proxy = await startFaultProxy({ target: '127.0.0.1:1' })
  onTestFinished(() => proxy.close())
  const client = person.connect({
    directHost: '127.0.0.1',
    // The proxies cut TCP alone.
    directUdp: false,
    directAddresses(port) {
      proxy.retarget(`127.0.0.1:${port}`)
      return [{ host: '127.0.0.1', port: proxy.port }]
    },
  })
  const moves: string[] = []
  client.on((event) => {
    if (event.type === 'direct-path') moves.push(event.state)
  })
  return { person, client, proxy, moves }
}

/** Whether a path to the other is open at this moment, as far as the device knows. */
export function isOpen({ moves }: Pick<DirectCaller, 'moves'>): boolean {
  return moves.at(-1) === 'open'
}
