import { chat } from '@parley/proto'
import { beforeEach, describe, expect, it } from 'vitest'
import { blockEntries } from '../../../domain/signature.ts'
import { index, searched, seqsFound, signedBlocks } from '../../../testing/search-world.ts'
import { emptyWorld } from '../../../testing/world.ts'
import type { World, WorldUser } from '../../../testing/world.ts'

const { Edit, Recall, Text } = chat
const text = (words: string) => ({ $case: 'text', value: Text.create({ text: words }) }) as const
const edit = (targetSeq: number, words: string) =>
  ({ $case: 'edit', value: Edit.create({ targetSeq, text: words }) }) as const
const recall = (targetSeq: number) =>
  ({ $case: 'recall', value: Recall.create({ targetSeq }) }) as const

describe('search', () => {
  let world: World
  let ann: WorldUser
  let bob: WorldUser
  beforeEach(() => {
    world = emptyWorld()
    ann = world.register('ann')
    bob = world.register('bob')
    world.befriend(ann, bob)
  })
  const say = (words: string) => world.send(ann, bob.userId, text(words))
  const fill = (count: number) => {
    for (let i = 0; i < count; i += 1) say(`filler number ${i}`)
  }
  const found = (who: WorldUser, query: string) => seqsFound(world, who, query)

  it('finds Chinese words of any length, and other words in any case and width', async () => {
    say('我们明天去爬山吧')
    say('Bring the ＴＥＡ, please')
    expect(await found(bob, '爬山')).toEqual([1])
    expect(await found(bob, '明天 爬山')).toEqual([1])
    expect(await found(bob, 'tea')).toEqual([2])
    expect(await found(bob, 'BRING plea')).toEqual([2])
    expect(await found(bob, '山爬')).toEqual([])
    expect(await found(bob, '爬')).toEqual([1])
  })

  it('finds short words in signed blocks too, which no signature knows', async () => {
    say('爬')
    say('ok')
    fill(blockEntries)
    await index(world)
    expect(signedBlocks(world)).toBe(1)
    expect(await found(bob, '爬')).toEqual([1])
    expect(await found(bob, 'OK')).toEqual([2])
  })

  it('finds the same before and after a block is signed, and reads fewer texts then', async () => {
    say('needle one')
    fill(blockEntries * 4)
    say('needle two')
    const expected = [blockEntries * 4 + 2, 1]
    expect(await found(bob, 'needle')).toEqual(expected)
    const few = { bounds: { workMs: 1_000, texts: blockEntries + 3, signatures: 100 } }
    expect((await searched(world, bob, 'needle', few)).more).toBe(true)
    await index(world)
    const after = await searched(world, bob, 'needle', few)
    expect(after.found.map(({ seq }) => seq)).toEqual(expected)
    expect(after.more).toBe(false)
  })

  it('makes no use of signatures of another format, and replaces them', async () => {
    say('needle')
    fill(blockEntries)
    await index(world)
    world.db.exec(`update search_blocks set format = 1, signature = x'00';
      update search_progress set format = 1`)
    expect(await found(bob, 'needle')).toEqual([1])
    await index(world)
    expect(signedBlocks(world)).toBe(1)
    expect(
      world.db.prepare('select count(*) from search_blocks where format = 1').pluck().get(),
    ).toBe(0)
    expect(await found(bob, 'needle')).toEqual([1])
  })

  it('finds an edited text by its newest words only, and a recalled one not at all', async () => {
    say('the old plan')
    say('a secret')
    world.send(ann, bob.userId, edit(1, 'the new plan'))
    world.send(ann, bob.userId, edit(2, 'still a secret'))
    world.send(ann, bob.userId, recall(2))
    fill(blockEntries)
    for (const step of [() => Promise.resolve(), () => index(world)]) {
      await step()
      expect(await found(bob, 'plan')).toEqual([1])
      expect(await found(bob, 'old')).toEqual([])
      expect(await found(bob, 'secret')).toEqual([])
    }
  })

  it('forgets what is recalled after its block was signed', async () => {
    say('a secret')
    fill(blockEntries)
    await index(world)
    expect(await found(bob, 'secret')).toEqual([1])
    world.send(ann, bob.userId, recall(1))
    expect(await found(bob, 'secret')).toEqual([])
  })

  it('finds nothing of others, and does not know their conversations', async () => {
    const eve = world.register('eve')
    const { conversationId } = say('between us')
    expect(await found(eve, 'between')).toEqual([])
    const asked = { user: eve.user, words: ['between'], conversationId, limit: 1 }
    const bounds = { workMs: 50, texts: 1, signatures: 1 }
    expect(await world.ask('searchLogs', { ...asked, bounds })).toBeUndefined()
  })

  it('finds for one who was away the words of then, and nothing that was said meanwhile', async () => {
    const made = { user: ann.user, title: 'trip', open: true, userIds: [] }
    const { conversationId } = world.run('createGroup', made)
    const group = { user: bob.user, conversationId }
    const tell = (content: chat.Content['content']) => world.send(ann, conversationId, content).seq
    tell(text('tea before'))
    world.run('joinGroup', group)
    const during = tell(text('tea during'))
    world.run('leaveGroup', group)
    tell(edit(during, 'coffee now'))
    tell(text('tea meanwhile'))
    const late = tell(text('milk meanwhile'))
    world.run('joinGroup', group)
    tell(edit(late, 'tea after all'))
    const again = tell(text('tea again'))
    for (let i = 0; i < blockEntries; i += 1) tell(text(`filler ${i}`))
    for (const step of [() => Promise.resolve(), () => index(world)]) {
      await step()
      expect(await found(bob, 'tea')).toEqual([again, during])
      expect(await found(bob, 'coffee')).toEqual([])
      expect(await found(ann, 'coffee')).toEqual([during])
      expect(await found(ann, 'tea')).toHaveLength(4)
    }
    world.run('leaveGroup', group)
    tell(text('tea at last'))
    expect(await found(bob, 'tea')).toEqual([again, during])
  })

  it('finds what stands first and last in each of many blocks', async () => {
    const expected: number[] = []
    for (let seq = 1; seq <= blockEntries * 140 + 10; seq += 1) {
      const isEdge = seq % blockEntries <= 1
      if (isEdge) expected.unshift(seq)
      say(isEdge ? 'a needle 茶' : `filler ${seq}`)
    }
    expect(await index(world)).toBe(140)
    expect(await found(bob, 'needle')).toEqual(expected)
    expect(await found(bob, '茶')).toEqual(expected)
    const reads = { limit: 20, bounds: { workMs: 1_000, texts: 20 * blockEntries, signatures: 64 } }
    expect(await searched(world, bob, 'needle', reads)).toMatchObject({ more: true })
  })

  it('looks into one conversation only when asked to', async () => {
    const { conversationId } = say('tea at four')
    const cid = world.register('cid')
    world.befriend(ann, cid)
    world.send(ann, cid.userId, text('tea at five'))
    expect((await searched(world, ann, 'tea')).found.map((each) => each.peerName)).toEqual([
      'cid',
      'bob',
    ])
    const { found: there } = await searched(world, ann, 'tea', { conversationId })
    expect(there.map(({ peerName, seq }) => [peerName, seq])).toEqual([['bob', 1]])
  })

  it('gives the newest of all conversations when there are more than asked for', async () => {
    const cid = world.register('cid')
    world.befriend(ann, cid)
    for (let i = 0; i < 100; i += 1) {
      say(`tea ${i}`)
      world.send(ann, cid.userId, text(`tea ${i}`))
    }
    await index(world)
    const newest = await searched(world, ann, 'tea', { limit: 5 })
    expect(newest.found.map(({ peerName, seq }) => `${peerName} ${seq}`)).toEqual([
      'cid 100',
      'bob 100',
      'cid 99',
      'bob 99',
      'cid 98',
    ])
    expect(newest.more).toBe(true)
    expect((await searched(world, ann, 'tea', { limit: 100 })).found).toHaveLength(100)
    // Cut short after the 36 of cid's newest block, it gives them although others may be newer.
    const bounds = { workMs: 1_000, texts: 1, signatures: 1 }
    const cut = await searched(world, ann, 'tea', { bounds })
    expect(cut.found.map(({ seq }) => seq)).toEqual(Array.from({ length: 36 }, (_, i) => 100 - i))
    expect(cut.more).toBe(true)
  })

  it.each([
    ['texts', { workMs: 1_000, texts: 100, signatures: 1_000 }],
    ['signatures', { workMs: 1_000, texts: 1_000_000, signatures: 10 }],
    ['CPU time', { workMs: 0, texts: 1_000_000, signatures: 1_000 }],
  ])('tells that there may be more when it has used up its %s', async (_what, bounds) => {
    say('needle')
    fill(blockEntries * 12)
    const cut = await searched(world, bob, 'needle', { bounds })
    expect(cut).toMatchObject({ found: [], more: true })
    const whole = await searched(world, bob, 'needle')
    expect(whole).toMatchObject({ found: [{ seq: 1 }], more: false })
  })
})
