import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { issueReceipt, openSigner } from '@parley/auth'
import { signingKeysService, startGrpcServer } from '@parley/grpc-kit'
import { CloseStack, systemScheduler, uuidText, uuidv7 } from '@parley/service-kit'
import { recordingLogger, tempFolder } from '@parley/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { emptyWorld } from '../testing/world.ts'
import { createSecurity } from './index.ts'

const internalKey = 'k'.repeat(32)

async function setup() {
  const { log } = recordingLogger()
  const dataDir = await tempFolder()
  const files = await openSigner({ issuer: 'file-server', folder: await tempFolder() })
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [signingKeysService({ log }, files.jwks)],
  })
  const signer = await openSigner({ issuer: 'relay', folder: dataDir })
  const open = async (...filesInternal: string[]) => {
    const closers = new CloseStack()
    onTestFinished(() => closers.close())
    const addresses = { filesInternal, imagesInternal: ['127.0.0.1:1'] }
    const parts = { log, dataDir, internalKey, signer, scheduler: systemScheduler, ...addresses }
    return createSecurity({ ...parts, journal: emptyWorld() }, closers)
  }
  return { dataDir, log, files, server, open }
}

describe('security', () => {
  it('takes receipts of the owner, also while the file server is away', async () => {
    const { files, server, open } = await setup()
    const owner = uuidv7(systemScheduler)
    const blob = {
      ownerId: uuidText(owner),
      blobId: 'a'.repeat(27),
      sizeBytes: 7,
      digest: '0'.repeat(64),
      mediaType: 'text/plain',
    }
    const { token } = await issueReceipt(files, blob)
    const { receipts } = await open(server.address)
    expect(await receipts.verify(token, 1, owner)).toMatchObject(blob)
    await server.close()
    const later = await open(server.address)
    expect(await later.receipts.verify(token, 1, owner)).toMatchObject(blob)

    const kind = 'unauthenticated'
    const other = uuidv7(systemScheduler)
    await expect(receipts.verify(token, 1, other)).rejects.toMatchObject({ kind })
    await expect(receipts.verify(`${token}x`, 1, owner)).rejects.toMatchObject({ kind })
    await expect(receipts.verify(token, 2, owner)).rejects.toMatchObject({
      reason: 'KEYS_UNAVAILABLE',
    })
  })

  it('takes receipts of every file server, whichever of them is away', async () => {
    const { files, server, log, open } = await setup()
    const other = await openSigner({ issuer: 'file-server', folder: await tempFolder() })
    const services = [signingKeysService({ log }, other.jwks)]
    const second = await startGrpcServer({ host: '127.0.0.1', port: 0, services })
    const owner = uuidv7(systemScheduler)
    const blob = { ownerId: uuidText(owner), blobId: 'a'.repeat(27), sizeBytes: 7 }
    const rest = { digest: '0'.repeat(64), mediaType: 'text/plain' }
    const tokens = [files, other].map(
      async (each) => (await issueReceipt(each, { ...blob, ...rest })).token,
    )
    const [first = '', last = ''] = await Promise.all(tokens)
    const { receipts } = await open(server.address, second.address)
    for (const token of [first, last])
      expect(await receipts.verify(token, 1, owner)).toMatchObject(blob)
    await second.close()
    const later = await open(server.address, second.address)
    for (const token of [first, last]) {
      expect(await later.receipts.verify(token, 1, owner)).toMatchObject(blob)
    }
    const stranger = await openSigner({ issuer: 'file-server', folder: await tempFolder() })
    const { token } = await issueReceipt(stranger, { ...blob, ...rest })
    await expect(later.receipts.verify(token, 1, owner)).rejects.toMatchObject({
      reason: 'KEYS_UNAVAILABLE',
    })
    await server.close()
  })

  it('keeps its secret over restarts, for its owner only', async () => {
    const { dataDir, server, open } = await setup()
    const [loginId, requestId] = [uuidv7(systemScheduler), uuidv7(systemScheduler)]
    const first = (await open(server.address)).refresh.first(loginId, requestId)
    const again = await open(server.address)
    expect(again.refresh.first(loginId, requestId)).toBe(first)
    const path = join(dataDir, 'refresh-tokens.key')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await readFile(path, 'utf8')).trim()).toHaveLength(43)
    expect(again.invitationCode(requestId)).toMatch(/^[0-9a-f]{24}$/)
    await server.close()
  })
})
