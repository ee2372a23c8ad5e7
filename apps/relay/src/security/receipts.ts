import { join } from 'node:path'
import { RemoteKeySet, Verifier, verifyReceipt } from '@parley/auth'
import type { KeySet, Receipt } from '@parley/auth'
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
  readonly filesInternal: readonly string[]
  readonly imagesInternal: readonly string[]
}

/** Verifies receipts with the public keys of all servers of both services, kept in the data folder. */
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
  addresses: readonly string[],
  parts: ReceiptsParts,
  closers: CloseStack,
): Promise<Verifier> {
  const sets = addresses.map((address, index) => {
    // The first has the name that it has alone.
    const file = index === 0 ? `${issuer}-keys.json` : `${issuer}-keys-${index + 1}.json`
    return openKeys(issuer, address, join(parts.dataDir, file), parts, closers)
  })
  return new Verifier(anyOf(issuer, await Promise.all(sets)), { scheduler: parts.scheduler })
}

async function openKeys(
  issuer: string,
  address: string,
  cacheFile: string,
  { scheduler, log, internalKey }: ReceiptsParts,
  closers: CloseStack,
): Promise<KeySet> {
  const peer = openSigningKeys(address, internalKey)
  closers.push(`keys of ${issuer} at ${address}`, () => peer.close())
  const fetch = () => peer.fetch()
  const keys = new RemoteKeySet({ issuer, fetch, cacheFile, log, scheduler })
  closers.push(`key set of ${issuer} at ${address}`, () => keys.close())
  await keys.start()
  return keys
}

/** The keys of several servers of one service: one that is away takes none of the others' keys along. */
function anyOf(issuer: string, sets: readonly KeySet[]): KeySet {
  return {
    issuer,
    has: (kid) => sets.some((keys) => keys.has(kid)),
    async find(kid) {
      const known = sets.find((keys) => keys.has(kid))
      if (known) return known.find(kid)
      const answers = await Promise.allSettled(sets.map((keys) => keys.find(kid)))
      const found = answers.find((each) => each.status === 'fulfilled' && each.value !== undefined)
      if (found?.status === 'fulfilled') return found.value
      const failed = answers.find((each) => each.status === 'rejected')
      if (failed?.status === 'rejected') throw failed.reason
      return undefined
    },
  }
}
