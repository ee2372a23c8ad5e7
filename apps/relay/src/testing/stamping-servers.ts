import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { issueReceipt, openSigner } from '@parley/auth'
import type { ImageFacts, Signer } from '@parley/auth'
import { grpcService, signingKeysService, startGrpcServer, unary } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import { uuidText } from '@parley/service-kit'
import { recordingLogger } from '@parley/testkit'
import type { Person } from './relay-world.ts'

/** What a file or image server would certify of an upload. */
interface Stamped {
  readonly id: string
  readonly mediaType?: string
  readonly image?: ImageFacts
}

/** What a relay asks of a file server and of an image server: keys, receipts, holds. */
export interface StampingServers {
  /** For `startRelayWorld`. */
  readonly env: Readonly<Record<string, string>>
  fileReceipt(owner: Person, stamped: Stamped): Promise<string>
  imageReceipt(owner: Person, stamped: Stamped): Promise<string>
  /** What the relay has told the image server to hold and to let go, in order. */
  readonly imageHolds: readonly common.HoldChange[]
  close(): Promise<void>
}

/** Serves the public keys of both, so that a relay believes their receipts. */
export async function startStampingServers(folder: string): Promise<StampingServers> {
  const files = await startStamping('file-server', folder)
  const images = await startStamping('img-server', folder)
  return {
    env: { FILES_INTERNAL: files.address, IMAGES_INTERNAL: images.address },
    fileReceipt: (owner, stamped) => receipt(files.signer, owner, stamped),
    imageReceipt: (owner, stamped) => receipt(images.signer, owner, stamped),
    imageHolds: images.holds,
    async close() {
      await files.close()
      await images.close()
    },
  }
}

/** The facts of an image. */
export const imageFacts: ImageFacts = { widthPx: 640, heightPx: 480, thumbhash: 'WggCBwB3' }

async function startStamping(issuer: string, folder: string) {
  const own = join(folder, issuer)
  await mkdir(own)
  const signer = await openSigner({ issuer, folder: own })
  const { log } = recordingLogger()
  const holds: common.HoldChange[] = []
  const apply = unary<common.HoldsApplyRequest, common.HoldsApplyResponse>({ log }, (request) => {
    holds.push(...request.changes)
    return { missing: [] }
  })
  const keys = signingKeysService({ log }, signer.jwks)
  const services = [keys, grpcService(common.HoldsService, { apply })]
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services })
  return { signer, holds, address: server.address, close: () => server.close() }
}

async function receipt(signer: Signer, owner: Person, { id, mediaType, image }: Stamped) {
  const blob = { ownerId: uuidText(owner.userId), blobId: id, sizeBytes: 5 }
  const rest = { digest: 'ab'.repeat(32), mediaType: mediaType ?? 'image/png' }
  const { token } = await issueReceipt(signer, { ...blob, ...rest, ...(image && { image }) })
  return token
}
