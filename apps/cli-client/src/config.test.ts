import { expect, test } from 'vitest'
import { adminConfig, cliConfig } from './config.ts'
import { UsageError } from './exit-code.ts'

test('without settings the server is on this machine and the home in the config folder', async () => {
  const config = await cliConfig({})
  expect(config.servers).toEqual(['127.0.0.1:20000'])
  expect(config.home).toMatch(/parley$/)
})

test('several servers may be named', async () => {
  const config = await cliConfig({ PARLEY_SERVER: 'tls://a.example:1, [::1]:2' })
  expect(config.servers).toEqual(['tls://a.example:1', '[::1]:2'])
})

test.each(['nowhere', 'host:', 'host:99999', 'http://host:1', 'ho st:1'])(
  'the address %j is refused as wrong usage',
  async (address) => {
    await expect(cliConfig({ PARLEY_SERVER: address })).rejects.toThrow(UsageError)
    expect(() => adminConfig({ RELAY_INTERNAL: address })).toThrow('RELAY_INTERNAL')
  },
)
