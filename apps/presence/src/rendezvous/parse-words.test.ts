import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endpointText } from './endpoint.ts'
import { nameKey, parseDatagram, parseLine, wordBounds } from './parse-words.ts'

const here = { address: '192.0.2.1', port: 4000 }

function heard(text: string) {
  return parseDatagram(Buffer.from(text))
}

describe('a datagram', () => {
  test.each([
    { text: 'login,ann,192.0.2.1:4000', kind: 'login', name: 'ann', endpoint: here },
    { text: 'logout,小明,192.0.2.1:4000', kind: 'logout', name: '小明', endpoint: here },
    { text: 'login,ann,192.0.2.1:4000\r\n', kind: 'login', name: 'ann', endpoint: here },
    {
      text: 'login,a.b_c-d,[2001:DB8::1]:65535',
      kind: 'login',
      name: 'a.b_c-d',
      endpoint: { address: '2001:db8::1', port: 65_535 },
    },
    { text: 'login,ann,[::ffff:192.0.2.1]:4000', kind: 'login', name: 'ann', endpoint: here },
    { text: 'login,ａｎｎ,192.0.2.1:4000', kind: 'login', name: 'ann', endpoint: here },
  ])('$text', ({ text, ...words }) => {
    expect(heard(text)).toEqual(words)
  })

  test.each([
    { text: '', note: 'nothing' },
    { text: 'login', note: 'a word alone' },
    { text: 'login,ann', note: 'no endpoint' },
    { text: 'LOGIN,ann,192.0.2.1:4000', note: 'another word' },
    { text: 'login,,192.0.2.1:4000', note: 'no name' },
    { text: 'login,a;b,192.0.2.1:4000', note: 'a name that would part the list' },
    { text: 'login,a\nb,192.0.2.1:4000', note: 'a name of two lines' },
    { text: `login,${'x'.repeat(33)},192.0.2.1:4000`, note: 'a long name' },
    { text: 'login,ann,192.0.2.1', note: 'no port' },
    { text: 'login,ann,192.0.2.1:0', note: 'port 0' },
    { text: 'login,ann,192.0.2.1:65536', note: 'no such port' },
    { text: 'login,ann,192.0.2.256:1', note: 'no such address' },
    { text: 'login,ann,example.com:1', note: 'a host name' },
    { text: 'login,ann,::1:1', note: 'IPv6 without brackets' },
    { text: 'login,ann,192.0.2.1:4000,secret', note: 'a password, which no datagram may carry' },
    { text: 'logout,ann,192.0.2.1:4000,x', note: 'one field more' },
    { text: 'login,ann,192.0.2.1:4000\nlogin,bob,192.0.2.1:1', note: 'two lines' },
  ])('$note is none', ({ text }) => {
    expect(heard(text)).toBeUndefined()
  })

  test('that is not UTF-8, or too long, is none', () => {
    const bytes = Buffer.from('login,ann,192.0.2.1:4000')
    expect(parseDatagram(Buffer.concat([bytes, Buffer.from([0xff])]))).toBeUndefined()
    expect(parseDatagram(Buffer.concat([bytes, Buffer.alloc(300, '\n')]))).toBeUndefined()
  })

  test('is read or refused, whatever its bytes are; what was read is read again from its own form', () => {
    const from = fc.constantFrom('login,', 'logout,', ',', 'ann', '192.0.2.1:80', '[::1]:9', '小')
    const pieces = fc.array(fc.oneof(from, fc.string({ maxLength: 4 })), { maxLength: 8 })
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      pieces.map((parts) => Buffer.from(parts.join(''))),
    )
    const property = fc.property(bytes, (datagram) => {
      const words = parseDatagram(datagram)
      if (words === undefined) return
      expect(Array.from(words.name).length).toBeLessThanOrEqual(wordBounds.nameChars)
      expect(words.name).not.toMatch(/[,;\s]/)
      expect(heard(`${words.kind},${words.name},${endpointText(words.endpoint)}`)).toEqual(words)
    })
    fc.assert(property, { numRuns: 5_000 })
  })
})

test('a line may end with a password, in which commas are part of it', () => {
  const words = { kind: 'login', name: 'ann', endpoint: here }
  expect(parseLine('login,ann,192.0.2.1:4000,a,b ')).toEqual({ ...words, password: 'a,b ' })
  expect(parseLine('login,ann,192.0.2.1:4000,')).toEqual({ ...words, password: '' })
  expect(parseLine('login,ann,192.0.2.1:4000')).toEqual({ ...words, password: undefined })
})

test('names that differ in case or form only are the same', () => {
  expect(nameKey('STRASSE')).toBe(nameKey('straße'))
  expect(nameKey('ann')).not.toBe(nameKey('bob'))
})
