import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { idBytes } from '@parley/client'
import type { ChatClient } from '@parley/client'
import { eventually, seededRandom } from '@parley/testkit'
import { expect, test } from 'vitest'
import { directCaller, isOpen } from '../harness/direct-caller.ts'
import type { DirectCaller } from '../harness/direct-caller.ts'
import { befriend } from '../harness/person.ts'
import { testWorld } from '../harness/world.ts'
import { bothWays } from '../torture/proxy/index.ts'
import type { FaultProxy } from '../torture/proxy/index.ts'

const patience = { timeoutMs: 60_000 }
const sizeBytes = 8 << 20
const rounds = 6

/** The place of the entry with which somebody has sent a file. */
async function sendFile(client: ChatClient, userId: string, file: string) {
  const { content, receipt } = await client.uploadFile(file)
  const sent = await client.send({ userId }, content, { receipt })
  if (sent.state !== 'accepted') throw new Error('the file was not accepted')
  return { conversationId: sent.conversationId, seq: sent.seq }
}

/** Ann has sent bob a file; both are ready for a path, and have found one. */
async function setup() {
  const world = await testWorld({ services: ['relay', 'file-server'] })
  const people = [await world.person('ann'), await world.person('bob')] as const
  await befriend(...people)
  const [ann, bob] = [await directCaller(people[0]), await directCaller(people[1])]
  const bytes = randomBytes(sizeBytes)
  const file = path.join(world.folder, 'holiday.bin')
  await writeFile(file, bytes)
  const told = new Set<ChatClient>()
  for (const { client } of [ann, bob]) {
    client.on((event) => {
      if (event.type === 'entries' && event.conversation.peerId !== '') told.add(client)
    })
  }
  const place = await sendFile(ann.client, bob.person.userId, file)
  const { conversationId } = place
  await eventually(() => told.size === 2, patience)
  for (const { client } of [ann, bob]) client.direct(conversationId, true)
  await areOpen(ann, bob)
  const target = (name: string) => path.join(world.folder, name)
  const isWhole = async (copy: string) => (await readFile(copy)).equals(bytes)
  return { world, ann, bob, bytes, file, place, target, isWhole }
}

function areOpen(...callers: DirectCaller[]): Promise<unknown> {
  return eventually(() => callers.every(isOpen), patience)
}

/** What breaks a way in the middle of a file. */
const faults = [
  (proxy: FaultProxy) => proxy.cut(),
  (proxy: FaultProxy) => proxy.set(bothWays({ resetAfterBytes: 1_000 })),
  (proxy: FaultProxy) => proxy.set(bothWays({ stalled: true })),
  (proxy: FaultProxy) => proxy.set(bothWays({ blackholeAfterBytes: 500 })),
]

test('a file comes from its sender’s device, and when that is cut at random from the file server, at the byte reached', async () => {
  const { ann, bob, place, target, isWhole } = await setup()
  const random = seededRandom(17)
  const proxies = [ann.proxy, bob.proxy]
  let cutInTheMiddle = 0
  for (let round = 0; round < rounds; round += 1) {
    await areOpen(ann, bob)
    const cutAt = Math.floor((random() * sizeBytes) / 2)
    let isCut = false
    const progress = ({ doneBytes }: { doneBytes: number }) => {
      if (isCut || doneBytes < cutAt) return
      isCut = true
      for (const proxy of proxies) faults[round % faults.length]?.(proxy)
    }
    const copy = target(`copy-${round}`)
    const done = await bob.client.download(place, copy, { progress })
    expect(done).toMatchObject({ bytes: sizeBytes, resumedFrom: 0 })
    expect(done.directBytes).toBeLessThan(sizeBytes)
    if (done.directBytes >= cutAt) cutInTheMiddle += 1
    expect(await isWhole(copy)).toBe(true)
    for (const proxy of proxies) proxy.heal()
  }
  // On a busy machine a path may end by itself before it is cut.
  expect(cutInTheMiddle).toBeGreaterThanOrEqual(rounds / 2)
})

test('a file comes from its sender’s device alone, with no file server there, as long as its sender lets it', async () => {
  const { world, ann, bob, bytes, file, place, target, isWhole } = await setup()
  await world.kill('file-server')
  const done = await bob.client.download(place, target('alone'))
  expect(done).toMatchObject({ bytes: sizeBytes, directBytes: sizeBytes })
  expect(await isWhole(target('alone'))).toBe(true)
  await world.cluster.start('file-server')
  // Of the same size, and yet another one: it is not what was sent.
  await writeFile(file, randomBytes(bytes.length))
  const changed = await bob.client.download(place, target('changed'))
  expect(changed).toMatchObject({ bytes: sizeBytes, directBytes: 0 })
  expect(await isWhole(target('changed'))).toBe(true)
  ann.client.direct(place.conversationId, false)
  await eventually(() => !isOpen(bob), patience)
  const without = await bob.client.download(place, target('without'))
  expect(without).toMatchObject({ bytes: sizeBytes, directBytes: 0 })
})

test('what was recalled comes no more, not from its sender’s device either', async () => {
  const { ann, bob, place, target } = await setup()
  const { conversationId, seq: targetSeq } = place
  const { history } = bob.client.calls
  const asked = { conversationId: idBytes(conversationId), beforeSeq: targetSeq + 1, limit: 1 }
  const page = await history.listMessages(asked)
  const recall = { $case: 'recall', value: { targetSeq } } as const
  await ann.client.send({ conversationId }, { content: recall })
  const refused = (name: string) => bob.client.download(place, target(name))
  await expect(refused('recalled')).rejects.toMatchObject({ reason: 'NO_ATTACHMENT' })
  // A device that remembers what it was told asks all the same.
  await areOpen(ann, bob)
  Object.assign(history, { listMessages: async () => page })
  await expect(refused('remembered')).rejects.toMatchObject({ kind: 'not-found' })
})
