import { basename, dirname, join } from 'node:path'
import { eventually, tempFolder } from '@parley/testkit'
import { onTestFinished } from 'vitest'
import { ScriptedBlobs } from './scripted-blobs.ts'
import { quickScheduler, startClient, startRelay } from './world.ts'

/** A client whose relay names a file server that breaks off as told; all end with the test. */
export async function transferWorld() {
  const relay = await startRelay()
  const blobs = await new ScriptedBlobs().start()
  onTestFinished(() => blobs.stop())
  relay.script.welcome = { filesUrl: blobs.url, imagesUrl: blobs.url }
  const one = startClient(relay, { scheduler: quickScheduler(), transient: true })
  // Under load the first connection may take longer than this hasty client waits.
  await eventually(() => one.client.online())
  const folder = await tempFolder()
  const local = join(folder, 'notes.txt')
  return { relay, blobs, ...one, folder, local }
}

/** Where a download to a path keeps what has come. */
export function partOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.part`)
}

/** How many requests of a method have come. */
export function linesOf(blobs: ScriptedBlobs, method: string): number {
  return blobs.requests.filter(({ line }) => line.startsWith(`${method} `)).length
}
