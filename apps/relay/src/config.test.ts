import { describe, expect, test } from 'vitest'
import { loadConfig } from './config.ts'

describe('the dialects of a relay', () => {
  test('are those that carry no password in clear', () => {
    expect(loadConfig({}).dialects).toEqual(['grpc', 'websocket'])
  })

  test('are those that were named, each once', () => {
    const { dialects } = loadConfig({ DIALECTS: 'websocket, grpc,websocket' })
    expect(dialects).toEqual(['websocket', 'grpc'])
  })

  test.each(['grpc,telnet', 'telnet', ',', 'GRPC'])('are known: not %s', (DIALECTS) => {
    const known = /DIALECTS\S*: "(telnet|GRPC|)" is none of grpc, websocket/
    expect(() => loadConfig({ DIALECTS })).toThrow(known)
  })
})

describe('the files of TLS', () => {
  test('are none, or a certificate and its key, with who signs those of clients', () => {
    expect(loadConfig({}).tls).toBeUndefined()
    const both = { TLS_CERT: 'tls.crt', TLS_KEY: 'tls.key' }
    const files = { cert: 'tls.crt', key: 'tls.key', clientCa: undefined }
    expect(loadConfig(both).tls).toEqual(files)
    const all = { ...both, TLS_CLIENT_CA: 'ca.crt' }
    expect(loadConfig(all).tls).toEqual({ ...files, clientCa: 'ca.crt' })
  })

  test.each([{ TLS_CERT: 'tls.crt' }, { TLS_KEY: 'tls.key' }, { TLS_CLIENT_CA: 'ca.crt' }])(
    'are not half set: %o',
    (half) => {
      expect(() => loadConfig(half)).toThrow(/TLS_CERT.*TLS_KEY/)
    },
  )
})
