import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { ConnectionsPerPeer } from './connections-per-peer.ts'
import { peerNetwork } from './peer-network.ts'

function socketFrom(remoteAddress: string): Socket {
  return Object.assign(new EventEmitter(), { remoteAddress }) as unknown as Socket
}

test('a peer has so many connections, and room again when one closes', () => {
  const connections = new ConnectionsPerPeer(2)
  const [first, second] = [socketFrom('192.0.2.1'), socketFrom('::ffff:192.0.2.1')]
  expect([connections.admit(first), connections.admit(second)]).toEqual([true, true])
  expect(connections.admit(socketFrom('192.0.2.1'))).toBe(false)
  expect(connections.admit(socketFrom('192.0.2.2'))).toBe(true)
  first.emit('close')
  expect(connections.admit(socketFrom('192.0.2.1'))).toBe(true)
})

test('an IPv6 network counts as one peer', () => {
  const connections = new ConnectionsPerPeer(1)
  expect(connections.admit(socketFrom('2001:db8:0:1::1'))).toBe(true)
  expect(connections.admit(socketFrom('2001:db8:0:1:ffff::2'))).toBe(false)
  expect(connections.admit(socketFrom('2001:db8:0:2::1'))).toBe(true)
})

test.each([
  { note: 'IPv4', address: '192.0.2.1', network: '192.0.2.1' },
  { note: 'mapped IPv4', address: '::FFFF:192.0.2.1', network: '192.0.2.1' },
  { note: 'the loopback', address: '::1', network: '0:0:0:0' },
  { note: 'a zone', address: 'fe80::1%eth0', network: 'fe80:0:0:0' },
  { note: 'no address', address: '', network: '' },
])('$note is $network', ({ address, network }) => {
  expect(peerNetwork(address)).toBe(network)
})
