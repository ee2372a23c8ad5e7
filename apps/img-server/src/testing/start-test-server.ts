import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { issueAccessToken, issueTicket, openSigner } from '@parley/auth'
import type { Signer } from '@parley/auth'
import { systemScheduler } from '@parley/service-kit'
import { loadConfig } from '../config.ts'
import { startImgServer } from '../img-server.ts'
import type { ImgServerParts } from '../img-server.ts'

/** Two users and a device. */
export const alice = '01890000-0000-7000-8000-00000000000a'
export const bob = '01890000-0000-7000-8000-00000000000b'
const deviceId = '01890000-0000-7000-8000-0000000000d0'

/** What a relay hands out, signed by a relay of the test's own. */
export interface TestRelay {
  readonly signer: Signer
  readonly token: (userId: string, audience?: 'images' | 'files' | 'chat') => Promise<string>
  readonly ticket: (imageId: string, audience?: 'images' | 'files') => Promise<string>
}

/** A relay that signs with a key in that folder, by a clock that may be wrong. */
export async function testRelay(folder: string, offByMs = 0): Promise<TestRelay> {
  const scheduler = { ...systemScheduler, now: () => systemScheduler.now() + offByMs }
  const signer = await openSigner({ issuer: 'relay', folder, scheduler })
  return {
    signer,
    async token(userId, audience = 'images') {
      const grant = { userId, deviceId, loginId: 'login' }
      return (await issueAccessToken(signer, grant, [audience])).token
    },
    async ticket(blobId, audience = 'images') {
      return (await issueTicket(signer, { userId: bob, blobId }, audience)).token
    },
  }
}

/** A real image server on free ports, its data in `folder`, with a relay that only signs. */
export async function startTestServer(folder: string, parts: ImgServerParts) {
  const relay = await testRelay(folder)
  const variables = { PORT: '0', INTERNAL_PORT: '0', MIN_FREE_BYTES: '0' }
  const config = loadConfig({ ...variables, DATA_DIR: join(folder, 'img-server') })
  const keys = { fetch: async () => relay.signer.jwks, close: () => undefined }
  const server = await startImgServer(config, { relayKeys: keys, ...parts })
  const { public: door = '', internal = '' } = server.addresses
  return { ...relay, folder, url: `http://${door}`, internal, close: () => server.close() }
}

/** What `startTestServer` answers. */
export type TestServer = Awaited<ReturnType<typeof startTestServer>>

/** The key by which services know each other, as the server has made it. */
export async function serviceKey(folder: string): Promise<string> {
  return (await readFile(join(folder, 'internal.key'), 'utf8')).trim()
}
