import { basename } from 'node:path'
import type { ChatClient, TransferOptions, Uploaded } from '@parley/client'
import { chat } from '@parley/proto'
import { visibleLine } from '@parley/words'
import { knownDurationMs, mediaDurationMs } from './media-duration.ts'
import type { Chatting } from './session.ts'
import { withProgress } from './terminal/progress.ts'
import { withAdvice } from './transfers/upload-advice.ts'

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

/** Uploads a path with a progress bar and answers what `send` needs. */
export async function upload(
  chatting: Chatting,
  kind: AttachmentKind,
  path: string,
): Promise<Uploaded> {
  const { cli } = chatting
  const name = basename(path)
  return withProgress(cli.terminal.stderr, name, !cli.out.json, (progress) =>
    uploadAs(chatting.client, kind, path, { progress, signal: cli.signal, name }, {}),
  )
}

/** Uploads a path as an attachment of that kind. */
export async function uploadAs(
  client: ChatClient,
  kind: AttachmentKind,
  path: string,
  options: TransferOptions,
  details: AttachmentDetails,
): Promise<Uploaded> {
  // Before the bytes go out: without a duration they would have gone for nothing.
  const dress = await dressing(kind, path, details)
  const isImage = kind === 'image' || kind === 'sticker'
  const uploading = isImage ? client.uploadImage(path, options) : client.uploadFile(path, options)
  const { content, ...rest } = await uploading.catch((error: unknown) => {
    throw withAdvice(error)
  })
  return { ...rest, content: { content: dress(content.content) } }
}

/** What is said of a file whose bytes the server had. */
export function alreadyThere(name: string): string {
  return `${visibleLine(name)}: already there, nothing sent`
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
