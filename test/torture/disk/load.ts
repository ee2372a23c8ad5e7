import type { History } from '../../harness/history.ts'
import { Reader } from '../../harness/reader.ts'
import { Uploader } from '../uploads/uploader.ts'
import type { CompletedUpload } from '../uploads/uploader.ts'
import { Sender } from './sender.ts'
import type { Stage } from './stage.ts'

/** What a load tells, in the very moment. */
export interface LoadEvents {
  acknowledged(): void
  uploaded(): void
}

/** Naive clients at work on a stage. */
export interface Load {
  readonly senders: readonly Sender[]
  readonly readers: readonly Reader[]
  readonly uploaders: readonly Uploader[]
  /** Uploads answered as complete since this was last emptied. */
  readonly completed: CompletedUpload[]
  /** Connects everybody and goes on. */
  start(): Promise<void>
  /** Hangs up; readers stay and come back by themselves. */
  halt(): Promise<void>
  close(): Promise<void>
}

const window = 12
const maxUploadBytes = 40_000_000

/** Sets the clients up; none of them sends before `start`. */
export async function openLoad(
  stage: Stage,
  history: History,
  random: () => number,
  events: LoadEvents,
): Promise<Load> {
  const { people, group, files } = stage
  const { ann, bob, cat, dan } = people
  const senders = [ann, bob, cat].map(
    (person) =>
      new Sender({ history, person, conversationId: group, name: person.name, window, events }),
  )
  const completed: CompletedUpload[] = []
  const uploaders = ['red', 'blue'].map(
    (name) =>
      new Uploader({
        person: dan,
        base: () => files,
        name,
        random,
        maxBytes: maxUploadBytes,
        completed: (upload) => {
          completed.push(upload)
          events.uploaded()
        },
      }),
  )
  const devices = await Promise.all([bob, dan].map((person) => person.device('reader')))
  const readers = devices.map((device) => new Reader(history, device, `${device.name}'s reader`))
  const halt = async () => {
    for (const sender of senders) sender.close()
    await Promise.all(uploaders.map((uploader) => uploader.stop()))
  }
  return {
    senders,
    readers,
    uploaders,
    completed,
    async start() {
      await Promise.all(senders.map((sender) => sender.connect()))
      for (const uploader of uploaders) uploader.start()
    },
    halt,
    async close() {
      await halt()
      await Promise.all(readers.map((reader) => reader.close()))
    },
  }
}
