import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { TransferOptions } from '@parley/client'
import { AppError } from '@parley/errors'
import type { Cli } from './cli.ts'
import { sendTarget } from './look-up.ts'
import { sendAndSay } from './sending.ts'
import { withClient } from './session.ts'
import type { Chatting } from './session.ts'
import { withProgress } from './terminal/progress.ts'

/** What kind of attachment a path becomes. */
export type AttachmentKind = 'file' | 'image'

/** Uploads each path and sends it to TARGET, in order; stops at the first that fails. */
export async function sendAttachments(
  cli: Cli,
  kind: AttachmentKind,
  target: string,
  paths: readonly string[],
): Promise<void> {
  // Before anything is sent: a typing error in the third path should not send two files.
  for (const path of paths) await checkFile(path)
  await withClient(cli, 'transient', async (chatting) => {
    const place = await sendTarget(chatting, target)
    for (const path of paths) {
      const { content, receipt } = await upload(chatting, kind, path)
      await sendAndSay(chatting, place, content, { receipt })
    }
  })
}

/** Uploads a path with a progress bar and answers what `send` needs. */
export function upload({ cli, client }: Chatting, kind: AttachmentKind, path: string) {
  const name = basename(path)
  return withProgress(cli.terminal.stderr, name, !cli.out.json, (progress) => {
    const options: TransferOptions = { progress, signal: cli.signal, name }
    return kind === 'file' ? client.uploadFile(path, options) : client.uploadImage(path, options)
  })
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
