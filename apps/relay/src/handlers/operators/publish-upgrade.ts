import type { Receipt } from '@parley/auth'
import { AppError, isAppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { parseManifest } from '@parley/upgrades'
import type { Manifest } from '@parley/upgrades'
import type { Context } from '../../context.ts'
import { sendReasons } from '../../domain/may-send.ts'
import { invalid } from '../checks.ts'
import { commit, operator, requestKey } from '../commit.ts'
import { packageOwner } from './package-owner.ts'

const signatureBytes = 64

/** Makes a package that was uploaded the newest of its channel and platform. */
export async function publishUpgrade(
  ctx: Context,
  request: chat.PublishUpgradeRequest,
): Promise<chat.PublishUpgradeResponse> {
  const codec = chat.PublishUpgradeRequest
  const key = requestKey(operator, 'PublishUpgrade', codec, request)
  const manifest = parseManifest(request.manifest)
  const { signature, keyId } = signatureOf(request)
  // That the file is there is certain by this; whose the signature is only clients can say.
  const receipt = await vouchedPackage(ctx, request.receipt, key.id)
  if (receipt && !isOf(receipt, manifest)) {
    throw invalid('PACKAGE_MISMATCH', 'the manifest is not of the file that was uploaded')
  }
  const { channel, platform, version, minVersion, fileId, publishedAtMs } = manifest
  const named = { channel, platform, version, minVersion, fileId, publishedAtMs }
  const input = { ...named, manifest: Uint8Array.from(request.manifest), signature, keyId }
  await commit(ctx, { name: 'publishUpgrade', input, request: key })
  return {}
}

// Undefined for what was answered before, and is again: its receipt may have expired since.
async function vouchedPackage(
  { journal, security }: Pick<Context, 'journal' | 'security'>,
  receipt: string,
  requestId: Uint8Array,
): Promise<Receipt | undefined> {
  try {
    return await security.receipts.verify(receipt, 1, packageOwner)
  } catch (cause) {
    if (await journal.ask('answeredRequest', { user: operator, requestId })) return undefined
    // As it is, it would tell the operator that the key is no good.
    if (isAppError(cause) && cause.kind === 'unauthenticated') throw unknown(cause)
    throw cause
  }
}

function unknown(cause: unknown): AppError {
  const { ATTACHMENT_UNKNOWN: message } = sendReasons
  return new AppError('precondition', 'ATTACHMENT_UNKNOWN', message, { cause })
}

function signatureOf({ signature, keyId }: chat.PublishUpgradeRequest) {
  if (signature.length === signatureBytes && /^[0-9a-f]{16}$/.test(keyId)) {
    return { signature: Uint8Array.from(signature), keyId }
  }
  throw invalid('SIGNATURE_MALFORMED', 'this is no Ed25519 signature of a known kind')
}

function isOf(receipt: Receipt, { fileId, sizeBytes, digest }: Manifest): boolean {
  const { blobId } = receipt
  return blobId === fileId && receipt.sizeBytes === sizeBytes && receipt.digest === digest
}
