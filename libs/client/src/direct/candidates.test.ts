import { chat } from '@parley/proto'
import { expect, test } from 'vitest'
import { addressBytes, addressesHere, candidatesOf, hostOf, maxCandidates } from './candidates.ts'

const one = (address: string, family: 'IPv4' | 'IPv6', internal = false) =>
  ({ address, family, internal, netmask: '', mac: '', cidr: null, scopeid: 0 }) as const

test('addresses of networks come first, that of this machine last, and those of one link not at all', () => {
  const interfaces = {
    lo: [one('127.0.0.1', 'IPv4', true), one('::1', 'IPv6', true)],
    eth0: [one('2001:db8::5', 'IPv6'), one('fe80::1', 'IPv6'), one('10.0.0.5', 'IPv4')],
    none: undefined,
  }
  expect(addressesHere(interfaces)).toEqual(['10.0.0.5', '2001:db8::5', '127.0.0.1'])
})

test('of many addresses only so many are told', () => {
  const many = Array.from({ length: 20 }, (_, i) => one(`10.0.0.${i}`, 'IPv4'))
  const told = addressesHere({ eth0: many })
  expect([told.length, told.at(-1)]).toEqual([maxCandidates, '127.0.0.1'])
  const addresses = many.map(({ address: host }) => ({ host, port: 5_000 }))
  expect(candidatesOf(addresses).length).toBe(maxCandidates)
})

test.each([
  ['10.1.2.3', '0a010203'],
  ['::1', '00000000000000000000000000000001'],
  ['2001:db8::5:0:1', '20010db8000000000000000500000001'],
  ['2001:DB8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
])('%s travels as bytes', (text, hex) => {
  expect(addressBytes(text).toString('hex')).toBe(hex)
})

test('only what is an address for TCP is called', () => {
  const { TCP, UDP } = chat.DirectTransport
  const port = 5_000
  const address = addressBytes('10.1.2.3')
  expect(hostOf({ transport: TCP, address, port })).toEqual({ host: '10.1.2.3', port })
  const v6 = hostOf({ transport: TCP, address: addressBytes('2001:db8::5'), port })
  expect(v6).toEqual({ host: '2001:0db8:0000:0000:0000:0000:0000:0005', port })
  expect(hostOf({ transport: UDP, address, port })).toBeUndefined()
  expect(hostOf({ transport: TCP, address: Buffer.from('a.example'), port })).toBeUndefined()
  expect(hostOf({ transport: TCP, address, port: 0 })).toBeUndefined()
})
