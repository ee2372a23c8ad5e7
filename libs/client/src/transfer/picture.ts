import { systemScheduler } from '@parley/service-kit'
import type { Downloaded, DownloadOptions, ServerOptions } from '../api.ts'
import type { Calls } from '../calls/calls.ts'
import { idBytes } from '../ids.ts'
import { fetchSource } from './fetch-source.ts'

/** Whose picture: a user's, or that of a group. Ids are UUID text. */
export type PictureOwner = { readonly userId: string } | { readonly conversationId: string }

/**
 * Downloads the picture of a user or a group to a path that must not exist yet, as
 * `ChatClient.download`; throws (not-found, ATTACHMENT_UNKNOWN) where there is none to be seen.
 */
export async function downloadPicture(
  { state, allowPlaintext = false, scheduler = systemScheduler }: ServerOptions,
  calls: Calls,
  owner: PictureOwner,
  path: string,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const of =
    'userId' in owner
      ? ({ $case: 'userId', value: idBytes(owner.userId) } as const)
      : ({ $case: 'conversationId', value: idBytes(owner.conversationId) } as const)
  const { picture } = await calls.attachments.createPictureTicket({ of })
  const isFull = (options.variant ?? 'full') === 'full'
  const source = {
    ticket: (call: { readonly signal?: AbortSignal }) =>
      calls.attachments.createPictureTicket({ of }, call),
    digest: isFull ? picture?.digest.toString('hex') : undefined,
  }
  return fetchSource({ state, allowPlaintext, scheduler }, source, path, options)
}
