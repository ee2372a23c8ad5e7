import { AppError } from '@parley/errors'
import { uuidText } from '@parley/service-kit'
import { expect, test } from 'vitest'
import type { ReceiptCheck } from '../session/engine.ts'
import { lostAnswers } from '../testing/lost-answers.ts'
import { annAndBob } from '../testing/plain-world.ts'
import type { PlainWorldOptions } from '../testing/plain-world.ts'
import type { FileDrop, FileOwner, PlainFile } from './plain-files.ts'

const digest = 'ab'.repeat(32)
const notes = { name: 'notes.txt', bytes: Buffer.from('a small file') }

/** Certifies what the drop below has stored, as a file server would. */
const receipts: ReceiptCheck = {
  verify(receipt, _service, owner) {
    const claims = { sizeBytes: 12, digest, mediaType: 'text/plain', expiresAtMs: Infinity }
    const blobId = receipt.replace('receipt of ', '')
    return Promise.resolve({ blobId, ownerId: uuidText(owner), ...claims })
  },
}

/** Takes every file, and says of whom. */
function openDrop() {
  const stored: (PlainFile & FileOwner)[] = []
  const files: FileDrop = {
    store(file, owner) {
      const fileId = `id-of-file-number-${stored.push({ ...file, ...owner })}`
      return Promise.resolve({ fileId, receipt: `receipt of ${fileId}` })
    },
  }
  return { stored, files }
}

/** The same two, where files can be stored. */
async function setup(options: PlainWorldOptions = {}) {
  const { stored, files } = openDrop()
  const { world, ann, bob, annHere } = await annAndBob({ files, receipts, ...options })
  const { client, session } = await world.plain(bob)
  const contents = () =>
    annHere
      .of('entries')
      .flatMap(({ entries }) => entries)
      .map(({ content }) => content?.content)
      .filter((content) => content?.$case === 'file')
      .map((content) => content?.value)
  return { world, ann, bob, client, session, stored, contents }
}

test('a file is stored as of who sends it, and goes to a person with what its receipt says', async () => {
  const { world, bob, session, stored, contents } = await setup()
  await world.done(session.sendFile('ann', notes))
  expect(stored).toMatchObject([{ ...notes, accessToken: bob.token }])
  expect(contents()).toMatchObject([
    {
      fileId: 'id-of-file-number-1',
      name: 'notes.txt',
      size: 12,
      digest: Buffer.from(digest, 'hex'),
      mediaType: 'text/plain',
    },
  ])
})

test('a file goes to a group by its title', async () => {
  const { world, ann, bob, session, contents } = await setup()
  await world.group(ann, bob)
  await world.settle()
  await world.done(session.sendFile('ann#a group', notes))
  expect(contents()).toMatchObject([{ name: 'notes.txt' }])
})

test('a file to nobody is not even stored', async () => {
  const { world, session, stored } = await setup()
  await expect(world.done(session.sendFile('nobody', notes))).rejects.toMatchObject({
    reason: 'USER_UNKNOWN',
  })
  await expect(world.done(session.sendFile('#none', notes))).rejects.toMatchObject({
    reason: 'GROUP_UNKNOWN',
  })
  expect(stored).toEqual([])
})

test('a file that cannot be stored is refused with the reason, and the session goes on', async () => {
  const why = new AppError('unavailable', 'FILES_AWAY', 'the file server is away')
  const { world, client, session, contents } = await setup({
    files: { store: () => Promise.reject(why) },
  })
  await expect(world.done(session.sendFile('ann', notes))).rejects.toBe(why)
  await world.done(session.say('ann', 'goes on'))
  expect([client.ending, contents()]).toEqual([undefined, []])
})

test('a file whose outcome is not known is stored once, sent under one id, and there once', async () => {
  const { around, lose } = lostAnswers()
  const { world, session, stored, contents } = await setup({ around })
  await world.done(session.say('ann', 'first'))
  lose(true)
  const sent = session.sendFile('ann', notes)
  await world.scheduler.advance(2_500)
  lose(false)
  await world.scheduler.advance(2_500)
  await sent
  await world.done(session.say('ann', 'behind it'))
  expect([stored.length, contents().length]).toEqual([1, 1])
})

test('a file on its way is called off when its client has gone', async () => {
  let signal: AbortSignal | undefined
  const files: FileDrop = {
    store: (_file, owner) =>
      new Promise((_, reject) => {
        signal = owner.signal
        owner.signal.addEventListener('abort', () => reject(new Error('called off')))
      }),
  }
  const { world, session, contents } = await setup({ files })
  const sent = session.sendFile('ann', notes)
  sent.catch(() => undefined)
  await world.settle()
  expect(signal?.aborted).toBe(false)
  session.cut()
  await expect(sent).rejects.toThrow('called off')
  expect(contents()).toEqual([])
})

test('a relay that stops lets a plain client go when its file is sent', async () => {
  const ready = Promise.withResolvers<{ fileId: string; receipt: string }>()
  const { world, client, session, contents } = await setup({
    files: { store: () => ready.promise },
  })
  const sent = session.sendFile('ann', notes)
  world.connections.goAway(10_000)
  await world.settle()
  expect(client.ending).toBeUndefined()
  ready.resolve({ fileId: 'id-of-file-number-1', receipt: 'receipt of id-of-file-number-1' })
  await world.done(sent)
  expect(contents().length).toBe(1)
  await world.settle()
  expect(client.ending).toMatchObject({ reason: 'GOING_AWAY' })
})
