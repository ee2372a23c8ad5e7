import { chat } from '@parley/proto'
import { CloseStack } from '@parley/service-kit'
import { FakeScheduler, eventually, recordingLogger } from '@parley/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { blockEntries } from '../domain/signature.ts'
import { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'
import type { FullBlocks } from '../store/queries/search/full-blocks.ts'
import { roundBlocks, roundMessages } from '../store/queries/search/full-blocks.ts'
import { searched, signedBlocks } from '../testing/search-world.ts'
import { emptyWorld } from '../testing/world.ts'
import type { World } from '../testing/world.ts'
import { levelMs, startSearchIndex } from './search-index.ts'

interface Round extends FullBlocks {
  readonly askedAtMs: number
}

describe('the search index', () => {
  /** A world whose log an index follows; time moves by `pass`. */
  function setup(world = emptyWorld(), settlesAfterMs = 0) {
    const scheduler = new FakeScheduler()
    const { log, lines } = recordingLogger()
    const closers = new CloseStack(scheduler)
    const rounds: Round[] = []
    const trouble = { failing: false, commits: 0 }
    const journal = journalOn(world, trouble, (round) =>
      rounds.push({ ...round, askedAtMs: scheduler.monotonic() }),
    )
    const commits = new CommitQueue(journal, scheduler, () => undefined)
    closers.push('commits', () => commits.close())
    const lease = { isHeld: true }
    startSearchIndex({ scheduler, log, journal, commits, lease, settlesAfterMs }, closers)
    onTestFinished(() => closers.close())
    /** Lets time pass in small steps until it is so. */
    const pass = (isSo: () => boolean) =>
      eventually(async () => {
        for (let i = 0; i < 100 && !isSo(); i += 1) await scheduler.advance(1)
        return isSo()
      })
    return { world, scheduler, closers, rounds, trouble, lines, commits, pass }
  }

  it('signs blocks a little after they are full', async () => {
    const { world, pass, rounds, scheduler } = setup(said(blockEntries * 3 + 5))
    await pass(() => signedBlocks(world) === 3)
    expect(scheduler.monotonic()).toBeLessThan(levelMs + 100)
    say(world, blockEntries)
    await pass(() => signedBlocks(world) === 4)
    expect(rounds.map(({ blocks }) => blocks.length).filter((count) => count > 0)).toEqual([3, 1])
  })

  it('works a twentieth of the time while the log grows, and half of it otherwise', async () => {
    const { world, pass, rounds } = setup(said(blockEntries * roundBlocks * 4))
    await pass(() => signedBlocks(world) === roundBlocks * 4)
    const [first, second, third] = rounds as [Round, Round, Round]
    expect(first.blocks).toHaveLength(roundBlocks)
    // The first round does not know yet that nothing is being written.
    expect(second.askedAtMs - first.askedAtMs).toBeGreaterThanOrEqual(first.workedMs * 19 - 1)
    expect(third.askedAtMs - second.askedAtMs).toBeGreaterThanOrEqual(second.workedMs - 1)
    expect(third.askedAtMs - second.askedAtMs).toBeLessThan(second.workedMs * 10 + 20)
  })

  it('writes nothing while no block is filled, and looks at nothing twice', async () => {
    const { pass, rounds, trouble } = setup(said(blockEntries - 1))
    await pass(() => rounds.length === 3)
    expect(trouble.commits).toBe(0)
    expect(rounds.map(({ upTo, newest }) => newest - upTo)).toEqual([0, 0, 0])
  })

  it('remembers now and then how far it has looked although no block is filled', async () => {
    const { world, pass, trouble, rounds } = setup()
    spread(world, roundMessages + 500)
    await pass(() => rounds.length === 3)
    expect(rounds[0]?.upTo).toBe(roundMessages)
    expect(trouble.commits).toBe(1)
    expect(world.db.prepare('select last_message from search_progress').pluck().get()).toBe(
      roundMessages,
    )
  })

  it('repeats what the store did not take, and finds everything meanwhile', async () => {
    const { world, pass, trouble, lines } = setup(said(blockEntries * 2))
    trouble.failing = true
    await pass(() => lines.some(({ msg }) => msg === 'search index waits for the store'))
    expect(signedBlocks(world)).toBe(0)
    const ann = { user: 1 } as Parameters<typeof searched>[1]
    expect((await searched(world, ann, 'words')).found).toHaveLength(blockEntries * 2)
    trouble.failing = false
    await pass(() => signedBlocks(world) === 2)
  })

  it('goes on where it was after a kill, whether a round was stored or not', async () => {
    const before = setup(said(blockEntries * 2))
    before.trouble.failing = true
    await before.pass(() => before.rounds.length === 1)
    await before.closers.close()
    const after = setup(before.world)
    await after.pass(() => signedBlocks(after.world) === 2)
    await after.closers.close()
    say(after.world, blockEntries)
    const later = setup(after.world)
    await later.pass(() => signedBlocks(later.world) === 3)
    expect(later.rounds[0]?.blocks.map(({ block }) => block)).toEqual([2])
  })

  it('misses no block of a relay that commits after others that took greater numbers', async () => {
    const world = said(blockEntries)
    const { pass, scheduler, rounds } = setup(world, 15_000)
    // As if this line were of a transaction that is not over yet.
    const late = `conversation = (select conversation from directs) and seq = ${blockEntries}`
    world.db.exec(`create table late as select * from messages where ${late}`)
    spread(world, 100, 1_000)
    world.db.exec(`delete from messages where ${late}`)
    await scheduler.advance(10_000)
    await pass(() => rounds.length > 3)
    world.db.exec('insert into messages select * from late')
    await scheduler.advance(20_000)
    await pass(() => signedBlocks(world) === 1)
  })

  it('leaves no timer behind', async () => {
    const { scheduler, closers, pass, rounds } = setup()
    await pass(() => rounds.length === 1)
    await closers.close()
    expect(scheduler.pendingTimers).toBe(0)
  })
})

/** Rows and commands of a world behind the journal's port; commits fail while there is trouble. */
function journalOn(
  world: World,
  trouble: { failing: boolean; commits: number },
  looked: (round: FullBlocks) => void,
): Journal {
  return {
    commit: async (batch) => {
      await Promise.resolve()
      if (trouble.failing) throw new Error('no space left')
      trouble.commits += 1
      return batch.map(({ name, input }) => world.outcome(name, input as never) as never)
    },
    ask: async (name, args) => {
      const result = await world.ask(name, args)
      if (name === 'fullBlocks') looked(result as FullBlocks)
      return result
    },
    readLog: () => Promise.reject(new Error('the index reads no runs')),
    close: () => Promise.resolve(),
  }
}

/** A world in which ann has said so much to bob. */
function said(count: number): World {
  const world = emptyWorld()
  const [ann, bob] = [world.register('ann'), world.register('bob')]
  world.befriend(ann, bob)
  say(world, count)
  return world
}

function say(world: World, count: number): void {
  const id = (name: string) =>
    world.db
      .prepare<[string], { user: number; userId: Uint8Array }>(
        'select id as user, public_id as userId from users where name = ?',
      )
      .get(name)!
  for (let i = 0; i < count; i += 1) {
    const content = { $case: 'text', value: chat.Text.create({ text: `words ${i}` }) } as const
    world.send(id('ann') as never, id('bob').userId, content)
  }
}

/** Messages that fill no block: each in a conversation of its own. */
function spread(world: World, count: number, first = 0): void {
  world.db.exec(`
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
    insert into messages (conversation, seq, sender, kind, sent_at_ms, entry)
    select ${first} + n, 1, 1, 1, 0, x'' from numbers`)
}
