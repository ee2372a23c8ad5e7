import { systemScheduler } from '@parley/service-kit'
import type {
  Downloaded,
  DownloadOptions,
  ServerOptions,
  TransferOptions,
  Uploaded,
} from '../api.ts'
import type { Calls } from '../calls/calls.ts'
import { MemoryState } from '../state/memory-state.ts'
import { fetchSource } from './fetch-source.ts'
import { upload } from './upload.ts'

/** A client package as its signed manifest describes it. */
export interface PublishedPackage {
  readonly fileId: string
  readonly sizeBytes: number
  /** BLAKE3 in hex. */
  readonly digest: string
}

/**
 * Downloads a published client package to a path that must not exist yet, going on with the
 * `.<name>.part` beside it; throws as `ChatClient.download`, and (corrupt, SIZE_MISMATCH) before a byte is fetched.
 */
export function downloadPackage(
  { state, allowPlaintext = false, scheduler = systemScheduler }: ServerOptions,
  calls: Calls,
  { fileId, ...facts }: PublishedPackage,
  path: string,
  options: Omit<DownloadOptions, 'variant'> = {},
): Promise<Downloaded> {
  const ticket = (call: { readonly signal?: AbortSignal }) =>
    calls.upgrades.createTicket({ fileId }, call)
  return fetchSource({ state, allowPlaintext, scheduler }, { ...facts, ticket }, path, options)
}

/** Where an operator's package goes. */
export interface PackageUpload {
  /** Base URL of the file server. */
  readonly filesUrl: string
  /** A token for it that is valid for a while yet. */
  readonly access: () => Promise<string>
  readonly path: string
  readonly allowPlaintext: boolean
}

/** Uploads an operator's package; it goes on after interruptions as long as this process lives. */
export function uploadPackage(to: PackageUpload, options: TransferOptions = {}): Promise<Uploaded> {
  const { filesUrl: baseUrl, access, path, allowPlaintext } = to
  const userId = ''
  const tokens = { access, renewed: access, login: () => ({ userId }) }
  const context = { tokens, state: new MemoryState(), scheduler: systemScheduler, allowPlaintext }
  return upload(context, { kind: 'file', baseUrl, path }, options)
}
