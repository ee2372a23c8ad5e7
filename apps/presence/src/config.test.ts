import { describe, expect, test } from 'vitest'
import { loadConfig } from './config.ts'

test('an empty environment gives the documented defaults', () => {
  expect(loadConfig({})).toMatchObject({
    internalHost: '127.0.0.1',
    internalPort: 20_013,
    maxUsers: 1_000_000,
    maxDevicesPerUser: 32,
    maxRelays: 64,
    port: 20_005,
    rendezvous: [],
  })
})

test('every bad variable is named in one error', () => {
  const bad = { MAX_USERS: '0', MAX_RELAYS: 'many', INTERNAL_KEY: 'short' }
  expect(() => loadConfig(bad)).toThrow(/MAX_USERS[\s\S]*MAX_RELAYS|INTERNAL_KEY/)
  expect(() => loadConfig(bad)).toThrow(/INTERNAL_KEY/)
})

describe('RENDEZVOUS', () => {
  test.each([
    ['where', ['where']],
    ['seed', ['seed']],
    ['where, seed,where', ['where', 'seed']],
    ['1', ['where', 'seed']],
    ['true', ['where', 'seed']],
    ['0', []],
    ['false', []],
    ['', []],
  ])('"%s" means %j', (RENDEZVOUS, rendezvous) => {
    expect(loadConfig({ RENDEZVOUS }).rendezvous).toEqual(rendezvous)
  })

  test.each(['both', 'where,both', 'SEED', ',', 'where,', '1,seed', 'yes', 'toString'])(
    '"%s" is refused with the words that are known',
    (RENDEZVOUS) => {
      const known = /RENDEZVOUS\S*: "(both|SEED|1|yes|toString|)" is none of where, seed/
      expect(() => loadConfig({ RENDEZVOUS })).toThrow(known)
    },
  )
})
