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

test('keeps a file for longer than anybody may have a receipt of it', () => {
  const hourMs = 3_600_000
  const lives = (upload: number, unheld: number) =>
    loadConfig({ UPLOAD_LIFE_MS: String(upload), UNHELD_LIFE_MS: String(unheld) }).limits
  expect(() => lives(hourMs, 26 * hourMs - 1)).toThrow('UNHELD_LIFE_MS: must be UPLOAD_LIFE_MS')
  expect(lives(hourMs, 26 * hourMs).unheldLifeMs).toBe(26 * hourMs)
  expect(() => loadConfig({ UPLOAD_LIFE_MS: String(7 * 24 * hourMs) })).toThrow('UNHELD_LIFE_MS')
})
