import { peerNetwork } from '@parley/service-kit'

/** Whom a caller's `address:port` counts as: an IPv4 address, or the /64 network of an IPv6 one. */
export function callerAddress(peer: string): string {
  const host = peer
    .replace(/^ipv[46]:/, '')
    .replace(/:\d{1,5}$/, '')
    .replace(/^\[(.*)\]$/, '$1')
  return peerNetwork(host)
}
