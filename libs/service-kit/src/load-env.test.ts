import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { env, loadEnv, peerEnv, serviceConfig, serviceEnv } from './index.ts'

const relay = { service: 'relay', port: 20_000, internalPort: 20_010 }
const schema = z.object({ ...serviceEnv(relay), ...peerEnv, MAX_USERS: env.int(10, 1, 100) })

describe('loadEnv', () => {
  test('an empty environment gives the defaults of a service on loopback', () => {
    const variables = loadEnv(schema, {})
    expect(serviceConfig(variables)).toEqual({
      host: '127.0.0.1',
      port: 20_000,
      internalHost: '127.0.0.1',
      internalPort: 20_010,
      dataDir: 'data/relay',
      natsUrl: 'nats://127.0.0.1:4222',
      natsUser: undefined,
      natsPassword: undefined,
      logLevel: 'info',
      allowPlaintext: false,
      internalKey: undefined,
    })
    expect(variables.FILES_INTERNAL).toEqual(['127.0.0.1:20011'])
  })

  test('text becomes numbers and switches; an empty variable is not set', () => {
    const variables = loadEnv(schema, {
      PORT: '0',
      ALLOW_PLAINTEXT: '1',
      NATS_URL: 'memory:',
      DATA_DIR: '',
    })
    expect(variables).toMatchObject({
      PORT: 0,
      ALLOW_PLAINTEXT: true,
      NATS_URL: 'memory:',
      DATA_DIR: 'data/relay',
    })
  })

  test('several addresses stand with commas between, each counted once', () => {
    const variables = loadEnv(schema, { PRESENCE_INTERNAL: 'one:1, two:2,one:1' })
    expect(variables.PRESENCE_INTERNAL).toEqual(['one:1', 'two:2'])
  })

  test('one error names every problem, and no value', () => {
    const bad = {
      PORT: '70000',
      LOG_LEVEL: 'loud',
      NATS_URL: 'http://secret@host',
      INTERNAL_KEY: 'too-short-secret',
      MAX_USERS: '1.5',
      FILES_PUBLIC: 'http://host/path',
    }
    const failure = capture(() => loadEnv(schema, bad))
    expect(failure).toMatchObject({ kind: 'invalid', reason: 'CONFIG_INVALID' })
    for (const name of Object.keys(bad)) expect(failure.message).toContain(`\n  ${name}: `)
    expect(failure.message).not.toContain('secret')
  })

  test.each([
    ['ALLOW_PLAINTEXT', 'yes'],
    ['FILES_INTERNAL', 'host'],
    ['FILES_INTERNAL', 'host:port'],
    ['PRESENCE_INTERNAL', 'host:1,host'],
    ['PRESENCE_INTERNAL', Array.from({ length: 9 }, (_, i) => `host:${i}`).join(',')],
    ['PORT', 'http'],
    ['PORT', '-1'],
    ['NATS_URL', 'nats://relay:secret@127.0.0.1:4222'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => loadEnv(schema, { [name]: value })).toThrow(name)
  })
})

function capture(fn: () => unknown): Error {
  try {
    fn()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}
