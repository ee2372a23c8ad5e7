import { chat } from '@parley/proto'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { queryWords } from '../../domain/grams.ts'
import { emptyWorld } from '../../testing/world.ts'
import type { World, WorldUser } from '../../testing/world.ts'
import { blockEntries } from './full-blocks.ts'

const { Edit, Recall, Text } = chat
const text = (words: string) => ({ $case: 'text', value: Text.create({ text: words }) }) as const
const edit = (targetSeq: number, words: string) =>
  ({ $case: 'edit', value: Edit.create({ targetSeq, text: words }) }) as const
const recall = (targetSeq: number) =>
  ({ $case: 'recall', value: Recall.create({ targetSeq }) }) as const

let world: World
let ann: WorldUser
let bob: WorldUser

beforeEach(() => {
  world = emptyWorld()
  ann = world.register('ann')
  bob = world.register('bob')
  world.befriend(ann, bob)
})

async function index(): Promise<void> {
  for (;;) {
    const after = await world.ask('searchProgress', null)
    const input = await world.ask('fullBlocks', { after })
    if (input.upTo === after) return
    world.run('indexSearch', input)
  }
}

async function found(who: WorldUser, query: string): Promise<number[]> {
  const args = { user: who.user, words: queryWords(query), conversationId: undefined, limit: 100 }
  return (await world.ask('searchLogs', args)).map(({ seq }) => seq)
}

const fill = (count: number) => {
  for (let i = 0; i < count; i += 1) world.send(ann, bob.userId, text(`filler number ${i}`))
}

describe('search', () => {
  test('finds Chinese words of two characters, and words of other scripts in any case', async () => {
    world.send(ann, bob.userId, text('我们明天去爬山吧'))
    world.send(ann, bob.userId, text('Bring the TEA, please'))
    expect(await found(bob, '爬山')).toEqual([1])
    expect(await found(bob, '明天 爬山')).toEqual([1])
    expect(await found(bob, 'tea')).toEqual([2])
    expect(await found(bob, '山爬')).toEqual([])
    expect(await found(bob, '爬')).toEqual([1])
  })

  test('finds the same before and after a block is indexed', async () => {
    world.send(ann, bob.userId, text('needle one'))
    fill(blockEntries * 2)
    world.send(ann, bob.userId, text('needle two'))
    const before = await found(bob, 'needle')
    await index()
    expect(world.db.prepare('select count(*) from search_blocks').pluck().get()).toBe(2)
    expect(before).toEqual([blockEntries * 2 + 2, 1])
    expect(await found(bob, 'needle')).toEqual(before)
  })

  test('finds an edited text by its newest words only, and a recalled one not at all', async () => {
    world.send(ann, bob.userId, text('the old plan'))
    world.send(ann, bob.userId, text('a secret'))
    world.send(ann, bob.userId, edit(1, 'the new plan'))
    world.send(ann, bob.userId, recall(2))
    fill(blockEntries)
    for (const step of [() => Promise.resolve(), index]) {
      await step()
      expect(await found(bob, 'plan')).toEqual([1])
      expect(await found(bob, 'old')).toEqual([])
      expect(await found(bob, 'secret')).toEqual([])
    }
  })

  test('finds nothing of conversations of others', async () => {
    const eve = world.register('eve')
    world.send(ann, bob.userId, text('between us'))
    expect(await found(eve, 'between')).toEqual([])
  })

  test('finds exactly what reading everything would find', async () => {
    const words = fc.constantFrom('alpha', 'beta', '北京', '上海', 'gamma ray', '东京tower')
    const line = fc.array(words, { minLength: 1, maxLength: 4 }).map((all) => all.join(' '))
    const action = fc.record({
      what: fc.constantFrom('send', 'send', 'send', 'edit', 'recall', 'index'),
      at: fc.nat(),
      line,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 120 }), words, async (actions, query) => {
        world = emptyWorld()
        ann = world.register('ann')
        bob = world.register('bob')
        world.befriend(ann, bob)
        const now = await play(actions)
        const expected = [...now].filter(([, said]) => said.includes(query)).map(([seq]) => seq)
        expect((await found(bob, query)).toSorted((a, b) => a - b)).toEqual(expected)
      }),
      { numRuns: 25 },
    )
  })
})

/** Carries actions out and returns what every text says in the end, by number. */
async function play(actions: readonly { what: string; at: number; line: string }[]) {
  const now = new Map<number, string>()
  let last = 0
  for (const { what, at, line } of actions) {
    const targets = [...now.keys()]
    const target = targets[at % Math.max(1, targets.length)]
    if (what === 'index') await index()
    else if (what === 'send' || target === undefined) {
      last = world.send(ann, bob.userId, text(line)).seq
      now.set(last, line)
    } else if (what === 'edit') {
      last = world.send(ann, bob.userId, edit(target, line)).seq
      now.set(target, line)
    } else {
      last = world.send(ann, bob.userId, recall(target)).seq
      now.delete(target)
    }
  }
  return new Map([...now].toSorted(([a], [b]) => a - b))
}
