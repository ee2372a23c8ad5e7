import type { Receipt } from '@parley/auth'
import { AppError, isAppError } from '@parley/errors'
import { sendReasons } from '../domain/may-send.ts'
import type { Context } from '../context.ts'
import type { Identity } from '../security/identity.ts'
import type { PictureRow } from '../store/picture-rows.ts'

const imageServer = 2

/** A call that sets a picture. */
export interface PictureCall {
  readonly receipt: string
  readonly caller: Pick<Identity, 'user' | 'userId'>
  /** Its id: what was answered before is answered again, though the receipt may have expired since. */
  readonly requestId: Uint8Array
}

/**
 * The image that a receipt is for; undefined for no receipt. Throws `AppError` precondition
 * ATTACHMENT_UNKNOWN unless the image server gave it to the caller, and unavailable
 * KEYS_UNAVAILABLE while that cannot be told.
 */
export async function vouchedPicture(
  { journal, security }: Pick<Context, 'journal' | 'security'>,
  { receipt, caller, requestId }: PictureCall,
): Promise<PictureRow | undefined> {
  if (receipt === '') return undefined
  try {
    return pictureOf(await security.receipts.verify(receipt, imageServer, caller.userId))
  } catch (cause) {
    if (await journal.ask('answeredRequest', { user: caller.user, requestId })) return undefined
    // As it is, it would tell the client that its own token is no good.
    if (isAppError(cause) && cause.kind === 'unauthenticated') throw unknown(cause)
    throw cause
  }
}

function pictureOf({ blobId: imageId, digest, image }: Receipt): PictureRow {
  if (image === undefined) throw unknown(undefined)
  return {
    imageId,
    digest: Uint8Array.from(Buffer.from(digest, 'hex')),
    width: image.widthPx,
    height: image.heightPx,
    thumbhash: Uint8Array.from(Buffer.from(image.thumbhash, 'base64url')),
  }
}

function unknown(cause: unknown): AppError {
  const { ATTACHMENT_UNKNOWN: message } = sendReasons
  return new AppError('precondition', 'ATTACHMENT_UNKNOWN', message, { cause })
}
