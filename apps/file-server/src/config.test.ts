import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'

test('needs no variable at all', () => {
  expect(loadConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 20_001,
    internalPort: 20_011,
    relayInternal: '127.0.0.1:20010',
    maxConnections: 1_024,
    limits: { maxUploadBytes: 2 ** 31, unheldLifeMs: 7 * 24 * 3_600_000 },
  })
})

test('names every bad variable at once', () => {
  const bad = { PORT: '99999', MAX_UPLOAD_BYTES: '-1', RELAY_INTERNAL: 'nowhere' }
  expect(() => loadConfig(bad)).toThrow(/PORT[\s\S]*RELAY_INTERNAL[\s\S]*MAX_UPLOAD_BYTES/)
})
