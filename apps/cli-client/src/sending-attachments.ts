import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { TransferOptions, Uploaded } from '@parley/client'
import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { Cli } from './cli.ts'
import { sendTarget } from './look-up.ts'
import { knownDurationMs, mediaDurationMs } from './media-duration.ts'
import { sendAndSay } from './sending.ts'
import { withClient } from './session.ts'
import type { Chatting } from './session.ts'
import { withProgress } from './terminal/progress.ts'
import { visibleLine } from './terminal/visible.ts'

const { VIDEO, VOICE } = chat.File_Presentation

/** What kind of attachment a path becomes. */
export type AttachmentKind = 'file' | 'image' | 'sticker' | 'voice' | 'video'

/** What else its sender may say of an attachment. */
export interface AttachmentDetails {
  /** Of a voice message or a video; read from the file unless told. */
  readonly durationMs?: number | undefined
  /** Of a sticker: its set, and its name there. */
  readonly pack?: string | undefined
  readonly name?: string | undefined
}

/** Uploads each path and sends it to TARGET, in order; stops at the first that fails. */
export async function sendAttachments(
  cli: Cli,
  kind: AttachmentKind,
  target: string,
  paths: readonly string[],
  details: AttachmentDetails = {},
): Promise<void> {
  // Before anything is sent: a typing error in the third path should not send two files.
  for (const path of paths) await checkFile(path)
  await withClient(cli, 'transient', async (chatting) => {
    const place = await sendTarget(chatting, target)
    for (const path of paths) {
      const { content, receipt, instant } = await upload(chatting, kind, path, details)
      if (instant) cli.out.note(alreadyThere(path))
      await sendAndSay(chatting, place, content, { receipt }, { instant })
    }
  })
}

/** Uploads a path with a progress bar and answers what `send` needs. */
export async function upload(
  chatting: Chatting,
  kind: AttachmentKind,
  path: string,
  details: AttachmentDetails = {},
): Promise<Uploaded> {
  // Before the bytes go out: without a duration they would have gone for nothing.
  const dress = await dressing(kind, path, details)
  const isImage = kind === 'image' || kind === 'sticker'
  const { content, ...rest } = await uploadAs(chatting, isImage ? 'image' : 'file', path)
  return { ...rest, content: { content: dress(content.content) } }
}

/** What is said of a file whose bytes the server had. */
export function alreadyThere(path: string): string {
  return `${visibleLine(basename(path))}: already there, nothing sent`
}

function uploadAs({ cli, client }: Chatting, kind: 'file' | 'image', path: string) {
  const name = basename(path)
  return withProgress(cli.terminal.stderr, name, !cli.out.json, (progress) => {
    const options: TransferOptions = { progress, signal: cli.signal, name }
    return kind === 'file' ? client.uploadFile(path, options) : client.uploadImage(path, options)
  })
}

type Content = chat.Content['content']

async function dressing(
  kind: AttachmentKind,
  path: string,
  { durationMs, pack = '', name = '' }: AttachmentDetails,
): Promise<(uploaded: Content) => Content> {
  switch (kind) {
    case 'file':
    case 'image':
      return (uploaded) => uploaded
    case 'sticker':
      return (uploaded) =>
        uploaded?.$case === 'image'
          ? { $case: 'sticker', value: { image: uploaded.value, pack, name } }
          : uploaded
    case 'voice':
      return presented(VOICE, durationMs ?? (await knownDurationMs(path)))
    case 'video':
      return presented(VIDEO, durationMs ?? (await mediaDurationMs(path)) ?? 0)
  }
}

function presented(presentation: chat.File_Presentation, durationMs: number) {
  return (uploaded: Content): Content =>
    uploaded?.$case === 'file'
      ? { $case: 'file', value: { ...uploaded.value, presentation, durationMs } }
      : uploaded
}

/** Throws (not-found, NO_SUCH_FILE) for a path that is no file. */
export async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const message = isMissing
      ? `there is no file ${path}`
      : `${path} cannot be read: ${String(cause)}`
    throw new AppError('not-found', 'NO_SUCH_FILE', message, { cause })
  })
  if (found.isDirectory()) throw new AppError('invalid', 'NOT_A_FILE', `${path} is a folder`)
  if (!found.isFile()) throw new AppError('invalid', 'NOT_A_FILE', `${path} is no ordinary file`)
}
