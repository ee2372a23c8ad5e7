import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'

test('an empty environment gives the documented defaults', () => {
  expect(loadConfig({})).toMatchObject({
    internalHost: '127.0.0.1',
    internalPort: 20_013,
    maxUsers: 1_000_000,
    maxDevicesPerUser: 32,
    maxRelays: 64,
    port: 20_005,
    rendezvous: false,
  })
})

test('every bad variable is named in one error', () => {
  const bad = { MAX_USERS: '0', MAX_RELAYS: 'many', INTERNAL_KEY: 'short' }
  expect(() => loadConfig(bad)).toThrow(/MAX_USERS[\s\S]*MAX_RELAYS|INTERNAL_KEY/)
  expect(() => loadConfig(bad)).toThrow(/INTERNAL_KEY/)
})
