import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'

test('says what is used when nothing is set', () => {
  expect(loadConfig({})).toMatchObject({
    port: 20_002,
    internalPort: 20_012,
    relayInternal: '127.0.0.1:20010',
    workers: 2,
  })
})

test('names every bad variable at once', () => {
  const load = () => loadConfig({ PORT: 'x', IMAGE_WORKERS: '0', RELAY_INTERNAL: 'nowhere' })
  expect(load).toThrow(/PORT[^]*RELAY_INTERNAL[^]*IMAGE_WORKERS/)
})
