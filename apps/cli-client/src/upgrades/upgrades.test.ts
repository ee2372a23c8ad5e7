import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '@parley/testkit'
import { createSigningKey } from '@parley/upgrades'
import { describe, expect, test } from 'vitest'
import { cliConfig } from '../config.ts'
import { pinnedKeys } from './pinned-keys.ts'
import { noteSeen, seenAtMs } from './seen-upgrades.ts'

const build = { version: '1.0.0', platform: 'linux-x64', channel: 'stable' }

describe('keys', () => {
  test('are those of the environment, else of the home, and never none', async () => {
    const home = await tempFolder()
    const [inHome, given] = [createSigningKey(), createSigningKey()]
    const pinned = async (keys = '') => {
      const config = await cliConfig({ PARLEY_HOME: home, PARLEY_UPGRADE_KEYS: keys })
      return (await pinnedKeys(config)).map(({ keyId }) => keyId)
    }
    await expect(pinned()).rejects.toMatchObject({ reason: 'UPGRADE_KEYS_MISSING' })
    await writeFile(join(home, 'upgrade-keys'), `# of our operator\n${inHome.publicKey}\n`)
    expect(await pinned()).toEqual([inHome.keyId])
    expect(await pinned(given.publicKey)).toEqual([given.keyId])
    await expect(pinned('ed25519:x')).rejects.toMatchObject({ reason: 'UPGRADE_KEYS_MALFORMED' })
    await writeFile(join(home, 'upgrade-keys'), '# nothing yet\n')
    await expect(pinned()).rejects.toMatchObject({ reason: 'UPGRADE_KEYS_MISSING' })
  })
})

describe('what was seen', () => {
  test('is remembered for each channel and platform, and only moves forward', async () => {
    const home = await tempFolder()
    const beta = { ...build, channel: 'beta' }
    expect(await seenAtMs(home, build)).toBe(0)
    await noteSeen(home, build, 20)
    await noteSeen(home, beta, 30)
    await noteSeen(home, build, 10)
    expect([await seenAtMs(home, build), await seenAtMs(home, beta)]).toEqual([20, 30])
    expect((await stat(join(home, 'upgrades-seen.json'))).mode & 0o077).toBe(0)
  })

  test('of more than 64 of them the one not heard of for longest is forgotten', async () => {
    const home = await tempFolder()
    for (let n = 1; n <= 65; n += 1) await noteSeen(home, { ...build, channel: `c${n}` }, n)
    const seen = (n: number) => seenAtMs(home, { ...build, channel: `c${n}` })
    expect([await seen(1), await seen(2), await seen(65)]).toEqual([0, 2, 65])
  })

  test.each(['', '[]', '{"stable/linux-x64":"yesterday"}'])(
    'that cannot be read (%j) lets no old package pass for new',
    async (text) => {
      const home = await tempFolder()
      await writeFile(join(home, 'upgrades-seen.json'), text)
      await expect(seenAtMs(home, build)).rejects.toMatchObject({ reason: 'UPGRADES_SEEN_BROKEN' })
    },
  )
})
