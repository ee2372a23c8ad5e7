import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chat } from '@parley/proto'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { startRelayWorld } from '../testing/relay-world.ts'
import type { Person, RelayWorld } from '../testing/relay-world.ts'
import { imageFacts, startStampingServers } from '../testing/stamping-servers.ts'
import type { StampingServers } from '../testing/stamping-servers.ts'

const { File, Image, Sticker } = chat
const { VIDEO, VOICE } = chat.File_Presentation
type Content = NonNullable<chat.Content['content']>
const id = 'v'.repeat(27)

const voice = File.create({ fileId: id, name: 'n.ogg', presentation: VOICE, durationMs: 7_000 })
const video = File.create({ fileId: id, name: 'n.mp4', presentation: VIDEO })
const image = Image.create({ imageId: id, name: 'cat.png', width: 1, size: 1 })
const sticker = Sticker.create({ image, pack: 'cats', name: 'hello' })

describe('what a receipt vouches for', () => {
  let folder = ''
  let world: RelayWorld
  let servers: StampingServers
  let alice: Person
  let bob: Person
  let conversationId = Buffer.alloc(0)
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    servers = await startStampingServers(folder)
    world = await startRelayWorld(folder, servers.env)
    alice = await world.register('alice')
    bob = await world.register('bob')
    const { group } = await alice.groups.create({ title: 'work', open: true })
    conversationId = Buffer.from(group!.conversationId)
    await bob.groups.join({ conversationId })
  })
  afterAll(async () => {
    await world.close()
    await servers.close()
    await rm(folder, { recursive: true, force: true })
  })

  const file = (mediaType: string, owner = alice) => servers.fileReceipt(owner, { id, mediaType })
  const picture = (owner = alice) => servers.imageReceipt(owner, { id, image: imageFacts })

  async function send(content: Content, receipt: string) {
    const to = { $case: 'conversationId', value: conversationId } as const
    const [answer] = await world.send(alice, { to, content, receipt })
    return answer as Partial<chat.Accepted & chat.Refused>
  }

  async function contentAt(seq: number) {
    const { entries } = await bob.history.listMessages({ conversationId, beforeSeq: seq + 1 })
    return entries.at(-1)?.entry?.content?.content
  }

  it('is completed in the entry, and the sender keeps the word on how it is shown', async () => {
    const { seq = 0 } = await send({ $case: 'file', value: voice }, await file('audio/ogg'))
    expect(await contentAt(seq)).toMatchObject({
      value: { presentation: VOICE, durationMs: 7_000, mediaType: 'audio/ogg', size: 5 },
    })
    const sent = await send({ $case: 'file', value: video }, await file('video/mp4'))
    expect(await contentAt(sent.seq ?? 0)).toMatchObject({ value: { presentation: VIDEO } })
  })

  it('of a sticker is its image, and a forward keeps all of it', async () => {
    const { seq = 0 } = await send({ $case: 'sticker', value: sticker }, await picture())
    const facts = { width: 640, height: 480, size: 5, name: 'cat.png' }
    const whole = { $case: 'sticker', value: { pack: 'cats', name: 'hello', image: facts } }
    expect(await contentAt(seq)).toMatchObject(whole)
    const { url } = await bob.attachments.createTicket({ conversationId, seq })
    expect(url).toContain(`/images/${id}`)
    const forwarded = await forward(seq)
    expect(await contentAt(forwarded)).toMatchObject(whole)
  })

  async function forward(seq: number): Promise<number> {
    const to = { $case: 'conversationId', value: conversationId } as const
    const forwardOf = { conversationId, seq }
    const [answer] = await world.send(bob, { to, forwardOf })
    return (answer as chat.Accepted).seq
  }

  test.each<[string, Content, () => Promise<string>, string]>([
    [
      'a voice that is a video',
      { $case: 'file', value: voice },
      () => file('video/webm'),
      'PRESENTATION_MISMATCH',
    ],
    [
      'a voice that is a picture',
      { $case: 'file', value: voice },
      () => file('image/png'),
      'PRESENTATION_MISMATCH',
    ],
    [
      'a video that is a program',
      { $case: 'file', value: video },
      () => file('application/x-elf'),
      'PRESENTATION_MISMATCH',
    ],
    [
      'a voice by the receipt of an image',
      { $case: 'file', value: voice },
      picture,
      'ATTACHMENT_UNKNOWN',
    ],
    [
      "somebody else's voice",
      { $case: 'file', value: voice },
      () => file('audio/ogg', bob),
      'ATTACHMENT_UNKNOWN',
    ],
    [
      "somebody else's sticker",
      { $case: 'sticker', value: sticker },
      () => picture(bob),
      'ATTACHMENT_UNKNOWN',
    ],
    [
      'a sticker by the receipt of a file',
      { $case: 'sticker', value: sticker },
      () => file('image/png'),
      'ATTACHMENT_UNKNOWN',
    ],
    [
      'a sticker without receipt',
      { $case: 'sticker', value: sticker },
      () => Promise.resolve(''),
      'ATTACHMENT_UNKNOWN',
    ],
    [
      'an image by the receipt of a file',
      { $case: 'image', value: image },
      () => file('image/png'),
      'ATTACHMENT_UNKNOWN',
    ],
  ])('is not %s', async (_what, content, receipt, reason) => {
    expect((await send(content, await receipt())).reason).toBe(reason)
  })
})
