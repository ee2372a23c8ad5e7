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
