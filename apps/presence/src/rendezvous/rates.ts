import { KeyedRate, peerNetwork } from '@parley/service-kit'
import { rendezvousLimits } from '../limits.ts'

/** How often addresses may be heard; each method is true when it may. */
export interface RendezvousRates {
  datagram(address: string, nowMs: number): boolean
  connection(address: string, nowMs: number): boolean
}

/** Rates of each IPv4 address or IPv6 /64, and of all together. */
export function rendezvousRates(): RendezvousRates {
  return {
    datagram: ofEachAndAll(rendezvousLimits.datagramsOfAddress, rendezvousLimits.datagrams),
    connection: ofEachAndAll(rendezvousLimits.connectionsOfAddress, rendezvousLimits.connections),
  }
}

type Limits = typeof rendezvousLimits

// An address that is refused takes nothing of what all have together.
function ofEachAndAll(
  each: Limits['datagramsOfAddress'] | Limits['connectionsOfAddress'],
  all: Limits['datagrams'] | Limits['connections'],
) {
  const [ofAddress, ofAll] = [new KeyedRate<string>(each), new KeyedRate<string>(all)]
  return (address: string, nowMs: number) =>
    ofAddress.take(peerNetwork(address), nowMs) === 0 && ofAll.take('', nowMs) === 0
}
