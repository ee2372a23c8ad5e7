import { createHash, randomBytes } from 'node:crypto'
import { delay, systemScheduler } from '@parley/service-kit'
import type { Person } from '../../harness/person.ts'
import { Tus } from '../../harness/tus.ts'
import type { TusAnswer } from '../../harness/tus.ts'
import type { Device } from './device.ts'
import { messageOf, newMessageId } from './messages.ts'
import type { Recorder } from './recorder.ts'

/** Somebody who uploads files and sends them. */
export interface UploaderOptions {
  readonly person: Person
  /** The device that sends what is uploaded. */
  readonly device: Device
  readonly group: string
  readonly filesUrl: string
  readonly recorder: Recorder
  readonly random: () => number
  /** Told of each file that is complete. */
  readonly completed: (file: string) => void
}

const smallestBytes = 2_000
const largestBytes = 1_200_000
const pieceBytes = 150_000
const pauseMs = 400
const retryMs = 100

interface Upload {
  readonly id: string
  readonly path: string
  readonly bytes: Buffer
}

/** Uploads file after file, each resumed where the server says, and sends them, until aborted. */
export async function upload(options: UploaderOptions, signal: AbortSignal): Promise<void> {
  const { random } = options
  while (!signal.aborted) {
    const size = smallestBytes + Math.floor(random() ** 3 * largestBytes)
    const begun = await begin(options, randomBytes(size), signal)
    const complete = begun && (await finish(options, begun, signal))
    if (complete) attach(options, begun, complete)
    await delay(systemScheduler, pauseMs)
  }
}

async function begin(
  { person, filesUrl, recorder }: UploaderOptions,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<Upload | undefined> {
  const id = newMessageId()
  const digest = createHash('sha256').update(bytes).digest('hex')
  const told = { f: 'upload', upload: id, sizeBytes: bytes.length, digest } as const
  recorder.note({ user: person.userId }, { ...told, op: 'invoke' })
  const tus = tusOf(person, filesUrl)
  const answer = await insist(() => tus.create(bytes.length), 201, signal)
  const location = answer?.headers.get('location')
  return location ? { id, path: new URL(location, filesUrl).pathname, bytes } : undefined
}

/** Sends the bytes from wherever the server says they end; answers the completing answer. */
async function finish(
  { person, filesUrl, recorder }: UploaderOptions,
  { id, path, bytes }: Upload,
  signal: AbortSignal,
): Promise<TusAnswer | undefined> {
  const who = { user: person.userId }
  const tus = tusOf(person, filesUrl)
  let offset = 0
  while (!signal.aborted) {
    const piece = bytes.subarray(offset, offset + pieceBytes)
    const upTo = offset + piece.length
    recorder.note(who, { op: 'invoke', f: 'bytes', upload: id, upTo })
    const patched = await tus.patch(path, offset, piece).catch(() => undefined)
    const answer =
      patched?.status === 204 ? patched : await insist(() => tus.request('HEAD', path), 200, signal)
    if (!answer) return undefined
    offset = Number(answer.headers.get('upload-offset'))
    recorder.note(who, { op: 'ok', f: 'bytes', upload: id, upTo: offset })
    if (offset === bytes.length && answer.headers.get('parley-receipt')) return answer
  }
  return undefined
}

function attach(
  { person, device, group, recorder, completed }: UploaderOptions,
  { id, bytes }: Upload,
  { headers }: TusAnswer,
): void {
  const file = headers.get('parley-file-id') ?? ''
  const receipt = headers.get('parley-receipt') ?? ''
  recorder.note({ user: person.userId }, { op: 'ok', f: 'upload', upload: id, file })
  completed(file)
  const { digest, type } = claimsOf(receipt)
  const value = {
    fileId: file,
    name: 'name.bin',
    size: bytes.length,
    digest: Buffer.from(digest, 'hex'),
    mediaType: type,
  }
  const content = { $case: 'file', value } as const
  device.say(messageOf({ conversationId: group }, { content, body: file, receipt }))
}

function tusOf(person: Person, filesUrl: string): Tus {
  return new Tus(filesUrl, person.login().accessToken)
}

/** Repeats a request until it is answered with this status or the signal aborts. */
async function insist(
  ask: () => Promise<TusAnswer>,
  status: number,
  signal: AbortSignal,
): Promise<TusAnswer | undefined> {
  while (!signal.aborted) {
    const answer = await ask().catch(() => undefined)
    if (answer?.status === status) return answer
    // A server that was killed while it wrote may hold the upload for a moment.
    await delay(systemScheduler, retryMs)
  }
  return undefined
}

function claimsOf(receipt: string): { digest: string; type: string } {
  const [, middle = ''] = receipt.split('.')
  return JSON.parse(Buffer.from(middle, 'base64url').toString()) as { digest: string; type: string }
}
