import {
  parseDatagram,
  parseLine,
  nameKey,
} from '../../../apps/presence/src/rendezvous/parse-words.ts'
import { endpointText, parseEndpoint } from '../../../apps/presence/src/rendezvous/endpoint.ts'
import { whereAnswer } from '../../../apps/presence/src/rendezvous/where-am-i.ts'
import type { Target } from '../target.ts'

/** What clients of S0a say by datagram. */
export const datagramSessions: readonly Buffer[] = [
  'login,ann,127.0.0.1:5000',
  'login,小明,192.168.1.20:65535\r\n',
  'logout,ann,[2001:db8::1]:5000',
  'login,bob,[fe80::1%eth0]:1',
  `where,${'0a'.repeat(16)},${'x'.repeat(60)}`,
].map((text) => Buffer.from(text))

/** And over their connections. */
export const lineSessions: readonly Buffer[] = [
  'login,ann,127.0.0.1:5000,secret, with commas\n',
  'logout,ann,127.0.0.1:5000\r\n',
  'hello\nlogin,ann,127.0.0.1:5000\nlogout,ann,127.0.0.1:5000\n',
].map((text) => Buffer.from(text))

/** Pieces of both. */
export const rendezvousWords: readonly Buffer[] = [
  'login',
  'logout',
  ',',
  ';',
  ':',
  'end',
  'Accept,',
  'ann',
  '127.0.0.1',
  '[::1]',
  '%',
  '\n',
  '0',
  '65536',
  '99999',
  '１',
  'İ',
  'ﬁ',
  '́',
  '﻿',
  '\ud83d',
  '::ffff:1.2.3.4',
  'where,',
  '0a'.repeat(16),
  'x'.repeat(40),
].map((text) => Buffer.from(text))

/** Words of the rendezvous: what is read is read the same when it is said again. */
export const rendezvousParser: Target = {
  name: 'rendezvous words',
  weight: 12,
  maxGrowthBytes: 4 * 2 ** 20,
  open: () => ({
    sessions: [...datagramSessions, ...lineSessions],
    words: rendezvousWords,
    try(input) {
      const here = whereAnswer(input, { address: '2001:db8:1:2:3:4:5:6', port: 65_535 })
      if (here !== undefined && here.length > input.length) throw new Error('an answer is longer')
      if (here !== undefined) return 'where'
      const line = parseLine(input.toString())
      const words = parseDatagram(input)
      if (words === undefined) return line === undefined ? 'none' : 'a line'
      const { kind, name, endpoint } = words
      const again = parseDatagram(Buffer.from(`${kind},${name},${endpointText(endpoint)}`))
      const isSame =
        again?.name === name && again.kind === kind && again.endpoint.port === endpoint.port
      if (!isSame) throw new Error(`${kind},${name} is not read again`)
      if (nameKey(nameKey(name)) !== nameKey(name)) throw new Error(`${name} has two keys`)
      if (parseEndpoint(endpointText(endpoint)) === undefined) throw new Error('no endpoint')
      return kind
    },
  }),
}
