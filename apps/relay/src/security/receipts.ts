import { join } from 'node:path'
import { RemoteKeySet, Verifier, verifyReceipt } from '@parley/auth'
import type { Receipt } from '@parley/auth'
import { AppError } from '@parley/errors'
import { openSigningKeys } from '@parley/grpc-kit'
import type { CloseStack, Logger, Scheduler } from '@parley/service-kit'
import { uuidText } from '@parley/service-kit'
import type { AttachmentService } from '../store/tx.ts'

/** Tells what a file or image server certifies. */
export interface Receipts {
  /**
   * What a receipt says; throws `AppError` unauthenticated unless that service gave it to `owner`,
   * and unavailable KEYS_UNAVAILABLE while its keys are not known.
   */
  verify(receipt: string, service: AttachmentService, owner: Uint8Array): Promise<Receipt>
}

/** What receipts need. */
export interface ReceiptsParts {
  readonly scheduler: Scheduler
  readonly log: Pick<Logger, 'warn'>
  readonly dataDir: string
  readonly internalKey: string
  readonly filesInternal: string
  readonly imagesInternal: string
}

/** Verifies receipts with the public keys of both services, which are kept in the data folder. */
export async function openReceipts(parts: ReceiptsParts, closers: CloseStack): Promise<Receipts> {
  const verifiers = {
    1: await openVerifier('file-server', parts.filesInternal, parts, closers),
    2: await openVerifier('img-server', parts.imagesInternal, parts, closers),
  }
  return {
    async verify(receipt, service, owner) {
      const claims = await verifyReceipt(verifiers[service], receipt)
      if (claims.ownerId === uuidText(owner)) return claims
      throw new AppError('unauthenticated', 'RECEIPT_NOT_YOURS', 'this receipt is for another user')
    },
  }
}

async function openVerifier(
  issuer: string,
  address: string,
  { scheduler, log, dataDir, internalKey }: ReceiptsParts,
  closers: CloseStack,
): Promise<Verifier> {
  const peer = openSigningKeys(address, internalKey)
  closers.push(`keys of ${issuer}`, () => peer.close())
  const cacheFile = join(dataDir, `${issuer}-keys.json`)
  const fetch = () => peer.fetch()
  const keys = new RemoteKeySet({ issuer, fetch, cacheFile, log, scheduler })
  closers.push(`key set of ${issuer}`, () => keys.close())
  await keys.start()
  return new Verifier(keys, { scheduler })
}
