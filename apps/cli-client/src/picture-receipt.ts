import { upload } from './sending-attachments.ts'
import type { Chatting } from './session.ts'
import { assertFile } from './transfers/attachment-set.ts'

/** Uploads a picture and answers its receipt; empty for the word `none`, which takes a picture away. */
export async function pictureReceipt(chatting: Chatting, path: string): Promise<string> {
  if (path === 'none') return ''
  await assertFile(path)
  return (await upload(chatting, 'image', path)).receipt
}
