import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { duplexPair } from 'node:stream'
import { chat } from '@parley/proto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { SharedFiles, identityAt } from '../../../libs/client/src/direct/files/shared-files.ts'
import { Path } from '../../../libs/client/src/direct/path.ts'
import { makeKeyPair, maxMessageBytes, openChannel } from '../../../libs/direct/src/index.ts'
import type { Target } from '../target.ts'

type Frame = NonNullable<chat.DirectFrame['frame']>

const [here, fileId, otherId] = ['here', 'f'.repeat(32), 'e'.repeat(32)]
const self = Buffer.alloc(16, 1)
const sizeBytes = 100_000
const bytes = randomBytes(sizeBytes)
/** What is asked for after each input: what that asked for has come before. */
const mark = { number: Number.MAX_SAFE_INTEGER - 1, fileId, offset: 5, size: 10 }

const frames: readonly Frame[] = [
  {
    $case: 'text',
    value: chat.DirectText.create({ clientMessageId: id(), text: { text: 'hello' } }),
  },
  { $case: 'ping', value: { nonce: 1 } },
  { $case: 'pong', value: { nonce: 1 } },
  { $case: 'fileAsk', value: { number: 1, fileId, offset: 0, size: 61_440 } },
  { $case: 'fileAsk', value: { number: 2, fileId, offset: sizeBytes - 10, size: 10 } },
  { $case: 'fileAsk', value: { number: 3, fileId: otherId, offset: 0, size: 100 } },
  { $case: 'filePiece', value: { number: 1, piece: Buffer.alloc(100, 7) } },
]

/** What a device that has proven its key may say: it gets what it may, and the path lives or ends with a reason. */
export const directFrames: Target = {
  name: 'direct frames',
  weight: 2,
  maxGrowthBytes: 8 * 2 ** 20,
  async open() {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-fuzz-'))
    const files = await twoFiles(folder)
    let meeting = await meet(files)
    return {
      sessions: frames.map(encoded),
      words: [fileId, otherId, ...frames.map((frame) => encoded(frame))].map((one) =>
        Buffer.from(one),
      ),
      async try(input) {
        if (meeting.isOver()) meeting = await meet(files)
        return meeting.say(input)
      },
      async close() {
        meeting.end()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
}

function id(): Buffer {
  return Buffer.from(uuidv7(systemScheduler))
}

function encoded(frame: Frame): Buffer {
  return Buffer.from(chat.DirectFrame.encode({ frame }).finish())
}

/** A file that has been sent in the conversation here, and another one that has not. */
async function twoFiles(folder: string): Promise<SharedFiles> {
  const files = new SharedFiles(self)
  for (const [id, content] of [
    [fileId, bytes],
    [otherId, randomBytes(sizeBytes)],
  ] as const) {
    const file = path.join(folder, id)
    await writeFile(file, content)
    const identity = await identityAt(file)
    if (identity === undefined) throw new Error('the file is not there')
    files.uploaded(id, file, identity)
  }
  const content = { content: { $case: 'file', value: { fileId } } } as const
  files.note(here, 1, [chat.Entry.fromPartial({ senderId: self, content })])
  return files
}

/** A path, and the channel of a device that says along it what it likes. */
async function meet(files: SharedFiles) {
  const [near, far] = duplexPair()
  const [channel, other] = await Promise.all([
    openChannel(near, { me: makeKeyPair(), role: 'responder', purpose: 'fuzz' }),
    openChannel(far, { me: makeKeyPair(), role: 'initiator', purpose: 'fuzz' }),
  ])
  let over = ''
  let settle: (how: string) => void = () => undefined
  const met = new Path({
    channel,
    scheduler: systemScheduler,
    byLower: true,
    text: () => undefined,
    read: (asked) => files.read(here, asked),
    ended(why) {
      over = why
      settle(`ended: ${why}`)
    },
  })
  other.onMessage((message) => {
    const frame = chat.DirectFrame.decode(message).frame
    if (frame?.$case !== 'filePiece') return
    assertGiven(frame.value)
    if (frame.value.number === mark.number) settle('goes on')
  })
  return {
    isOver: () => over !== '' || !other.isOpen,
    end: () => met.close(),
    say: (input: Buffer) =>
      new Promise<string>((resolve) => {
        settle = resolve
        other.send(input.subarray(0, maxMessageBytes))
        if (other.isOpen) other.send(encoded({ $case: 'fileAsk', value: mark }))
      }),
  }
}

function assertGiven({ number, piece }: chat.DirectFilePiece): void {
  if (piece.length > 0 && !bytes.includes(piece)) throw new Error('other bytes were given')
  if (number === mark.number && piece.length !== mark.size) throw new Error('not given')
}
