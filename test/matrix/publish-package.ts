import { randomBytes } from 'node:crypto'
import { digestBytes } from '@parley/blob-store'
import { chat } from '@parley/proto'
import { Tus } from '../harness/tus.ts'
import type { World } from '../harness/world.ts'
import { operatorCall } from './operator-call.ts'

/** A client package that everybody may have. */
export interface Package {
  readonly fileId: string
  readonly channel: string
  readonly platform: string
}

/** Publishes a package as an operator would; its signature is for clients to judge, so it is none. */
export async function publishPackage(
  world: World,
  operatorKey: string,
  files: string,
): Promise<Package> {
  const { admitPackage, publishUpgrade } = chat.OperatorsService
  const bytes = randomBytes(100)
  const { accessToken } = await operatorCall(world, operatorKey, admitPackage, {})
  const { headers } = await new Tus(files, accessToken).upload(bytes, 'package')
  const fileId = headers.get('parley-file-id') ?? ''
  const receipt = headers.get('parley-receipt') ?? ''
  const place = { channel: 'stable', platform: 'linux-x64' }
  const manifest = Buffer.from(
    JSON.stringify({
      channel: place.channel,
      digest: digestBytes(bytes),
      fileId,
      minVersion: '0.0.1',
      notes: '',
      platform: place.platform,
      publishedAtMs: Date.now(),
      sizeBytes: bytes.length,
      version: '1.0.0',
    }),
  )
  const signed = { manifest, signature: Buffer.alloc(64), keyId: '0'.repeat(16) }
  await operatorCall(world, operatorKey, publishUpgrade, { ...signed, receipt })
  return { fileId, ...place }
}
