import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { idBytes } from '@parley/client'
import type { ChatClient, SendResult } from '@parley/client'
import { eventually, seededRandom } from '@parley/testkit'
import { expect, test } from 'vitest'
import { befriend, makeGroup } from '../harness/person.ts'
import { FilesStage } from './offline-files-stage.ts'

const patience = { timeoutMs: 60_000 }
const rounds = Number(process.env['OFFLINE_FILES_ROUNDS'] ?? 2)
const filesPerRound = 8
const seed = Number(process.env['OFFLINE_FILES_SEED'] ?? 20_262)

/** A message with a file, and whose it is. */
interface Sent {
  readonly conversationId: string
  readonly client: ChatClient
  readonly seq: number
  readonly bytes: Buffer
}

test('a file waits for somebody absent through restarts and weeks, until it is recalled or its group ends', async () => {
  const { stage, ann, bob, upload, send, recall, expectWhole } = await setup()
  const client = ann.connect()
  const [kept, recalled] = [await send(client), await send(client)]
  const other = await makeGroup(ann, [bob])
  const ended = await send(client, other)
  await upload(client)
  await eventually(() => expect(stage.held()).toHaveLength(3), patience)
  expect(stage.files()).toHaveLength(4)
  await client.close()
  await stage.age()
  await stage.world.restart('relay')
  // What was in no message goes, once the relay has said that it needs no more.
  await eventually(() => expect(stage.files()).toHaveLength(3), patience)
  await recall({ ...recalled, client: ann.connect() })
  await ann.calls.groups.dissolve({ conversationId: idBytes(other) })
  await eventually(() => expect(stage.held()).toHaveLength(1), patience)
  await stage.age()
  await eventually(() => expect(stage.files()).toHaveLength(1), patience)
  await eventually(async () => expect((await stage.blobs()).stored).toHaveLength(1), patience)
  const reader = bob.connect()
  await expectWhole(reader, kept)
  const gone = { conversationId: idBytes(ended.conversationId), seq: ended.seq }
  await expect(bob.calls.attachments.createTicket(gone)).rejects.toMatchObject({
    reason: 'ATTACHMENT_UNKNOWN',
  })
})

test('whenever relay and file server are killed, what messages need is held and whole, and nothing else stays', async () => {
  const { stage, ann, bob, upload, send, recall, expectWhole } = await setup()
  const random = seededRandom(seed)
  const clients = [ann.connect(), bob.connect()] as const
  let live: Sent[] = []
  for (let round = 0; round < rounds; round += 1) {
    const sending = Array.from({ length: filesPerRound }, (_, i) => send(clients[i % 2 ? 1 : 0]))
    const unsent = upload(clients[0])
    // The file server between a row and its answer, or the relay between a message and its hold.
    const victim = round % 2 === 0 ? 'file-server' : 'relay'
    await pause(random() * 300)
    await stage.kill(victim)
    await stage.start(victim)
    live.push(...(await Promise.all(sending)))
    await unsent
    const gone = live.filter(() => random() < 0.3)
    live = live.filter((sent) => !gone.includes(sent))
    await Promise.all(gone.map(recall))
    await pause(random() * 600)
    await stage.kill('relay')
    const needed = stage.needed()
    expect(needed).toHaveLength(live.length)

    // Some holds and releases wait in the outbox. The next relay answers, and tells them later.
    await stage.age()
    await stage.start('relay')
    await stage.collected()
    expect(stage.files()).toEqual(expect.arrayContaining(filesOf(needed)))
    stage.endLease()
    await eventually(() => expect(stage.waiting()).toBe(0), patience)
    expect(stage.held()).toEqual(needed)
  }
  await stage.age()
  await eventually(() => expect(stage.files()).toEqual(filesOf(stage.needed())), patience)
  await eventually(async () => {
    const { named, stored } = await stage.blobs()
    expect(stored).toEqual(named)
  }, patience)
  const reader = (await bob.device('reader')).connect()
  for (const sent of live) await expectWhole(reader, sent)
})

async function setup() {
  const stage = await FilesStage.open()
  const [ann, bob] = [await stage.world.person('ann'), await stage.world.person('bob')]
  await befriend(ann, bob)
  const group = await makeGroup(ann, [bob])
  // Large enough to be proved instead of sent, once it is there.
  const shared = randomBytes(100_000)
  let named = 0
  const newPath = () => path.join(stage.world.folder, `file-${(named += 1)}`)
  const upload = async (client: ChatClient) => {
    const source = newPath()
    const bytes = named % 3 === 0 ? shared : randomBytes(5_000)
    await writeFile(source, bytes)
    // It must be told where the files go, which takes a relay.
    const uploaded = await eventually(() => client.uploadFile(source), patience)
    return { bytes, ...uploaded }
  }
  const send = async (client: ChatClient, conversationId = group): Promise<Sent> => {
    const { bytes, content, receipt } = await upload(client)
    const seq = seqOf(await client.send({ conversationId }, content, { receipt }))
    return { conversationId, client, bytes, seq }
  }
  const recall = async ({ client, conversationId, seq: targetSeq }: Sent) => {
    const content = { content: { $case: 'recall', value: { targetSeq } } } as const
    seqOf(await client.send({ conversationId }, content))
  }
  const expectWhole = async (reader: ChatClient, { conversationId, seq, bytes }: Sent) => {
    const target = newPath()
    await reader.download({ conversationId, seq }, target)
    expect(bytes.equals(await readFile(target))).toBe(true)
  }
  return { stage, ann, bob, upload, send, recall, expectWhole }
}

function seqOf(result: SendResult): number {
  if (result.state === 'accepted') return result.seq
  throw new Error('not accepted')
}

function filesOf(needs: readonly string[]): string[] {
  return [...new Set(needs.map((need) => need.slice(0, need.indexOf(' '))))].toSorted()
}
