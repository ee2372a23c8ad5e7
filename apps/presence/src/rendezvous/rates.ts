import { KeyedRate, peerNetwork } from '@parley/service-kit'
import { rendezvousLimits as limits } from '../limits.ts'

/** Says whether an address may be heard now. */
export type MayBeHeard = (address: string, nowMs: number) => boolean

/** How often datagrams of each IPv4 address or IPv6 /64, and of all together, are heard. */
export function datagramRate(): MayBeHeard {
  return ofEachAndAll(limits.datagramsOfAddress, limits.datagrams)
}

/** The same of connections. */
export function connectionRate(): MayBeHeard {
  return ofEachAndAll(limits.connectionsOfAddress, limits.connections)
}

type Limits = typeof limits

// An address that is refused takes nothing of what all have together.
function ofEachAndAll(
  each: Limits['datagramsOfAddress'] | Limits['connectionsOfAddress'],
  all: Limits['datagrams'] | Limits['connections'],
): MayBeHeard {
  const [ofAddress, ofAll] = [new KeyedRate<string>(each), new KeyedRate<string>(all)]
  return (address, nowMs) =>
    ofAddress.take(peerNetwork(address), nowMs) === 0 && ofAll.take('', nowMs) === 0
}
