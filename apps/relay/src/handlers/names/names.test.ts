import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import type { OpenClient } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { internalKey, startRelayWorld } from '../../testing/relay-world.ts'
import type { RelayWorld } from '../../testing/relay-world.ts'

const { FREE, TAKEN, CONFIRMED, IMPOSSIBLE } = common.NameStanding
const address = '192.0.2.7'

describe('what another service is told of a name', () => {
  let folder = ''
  let world: RelayWorld
  let names: OpenClient<common.NamesClient>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    world = await startRelayWorld(folder, { RATE_FACTOR: '1' })
    await world.register('Rosa')
    const metadata = keyMetadata(serviceKeyHeader, internalKey)
    names = openClient(common.NamesClient, world.internalAddress, { metadata })
  })
  afterAll(async () => {
    names.close()
    await world.close()
    await rm(folder, { recursive: true, force: true })
  })

  const check = async (name: string, password = '', from = address) =>
    (await names.call.check({ name, password, address: from })).standing

  test.each([
    { name: 'berta', standing: FREE, note: 'nobody has it' },
    { name: 'rosa', standing: TAKEN, note: 'in any case of its letters' },
    { name: 'rоsa', standing: IMPOSSIBLE, note: 'with a Cyrillic letter' },
    { name: 'Server', standing: IMPOSSIBLE, note: 'nobody may have it' },
    { name: '', standing: IMPOSSIBLE, note: 'none' },
    { name: 'a,b', standing: IMPOSSIBLE, note: 'with a comma' },
  ])('$name: $note', async ({ name, standing }) => {
    expect(await check(name)).toBe(standing)
  })

  test('a name that looks like one that somebody has is taken, with any password', async () => {
    expect(await check('R0sa')).toBe(TAKEN)
    expect(await check('R0sa', 'correct horse')).toBe(TAKEN)
  })

  test('its password confirms it, and logs nobody in', async () => {
    expect(await check('ROSA', 'correct horse')).toBe(CONFIRMED)
    expect(await check('ROSA', 'wrong horse')).toBe(TAKEN)
    const { credentials } = await world.nobody.accounts.login({
      name: 'rosa',
      password: 'correct horse',
    })
    const { devices } = await world.bearer(credentials!.accessToken).accounts.listDevices()
    expect(devices).toHaveLength(2)
  })

  test('of somebody who is shut out no password confirms it', async () => {
    await world.register('Karl')
    await world.operator.operators.setDisabled({ name: 'karl', disabled: true })
    expect(await check('karl', 'correct horse')).toBe(TAKEN)
  })

  test('guessing is slowed down as at a login, for that address alone', async () => {
    const guesses = async () => {
      for (let i = 0; i < 20; i += 1) await check('rosa', 'wrong horse', '192.0.2.9')
    }
    await expect(guesses()).rejects.toMatchObject({ reason: 'RATE_LIMITED' })
    expect(await check('rosa', 'correct horse', '192.0.2.10')).toBe(CONFIRMED)
  })
})
