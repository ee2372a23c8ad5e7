import { join } from 'node:path'
import { CloseStack, systemScheduler } from '@parley/service-kit'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { CommitQueue, unresolvedAfterMs } from '../store/commit-queue.ts'
import type { Command, Journal } from '../store/journal.ts'
import { SqliteJournal } from '../store/sqlite/sqlite-journal.ts'
import { bytes, registered } from '../testing/journal-cast.ts'
import { startHoldDelivery } from './hold-delivery.ts'
import { holdsServer } from './holds-server.fixture.ts'

test('a settlement that is called unknown and committed late takes no newer hold with it', async () => {
  const { journal, commits, disk, setPicture, start } = await setup()
  await setPicture('ann', 'a')
  const server = await start()
  // The outbox is to lose the first hold, and the disk stalls.
  disk.stall()
  await eventually(() => server.heard.includes('a') && commits.depth === 1)
  const second = Promise.allSettled([setPicture('bob', 'b')])
  disk.jump(unresolvedAfterMs + 1)
  // Nobody knows of the first settlement, so that it is repeated behind the new hold.
  await eventually(() => disk.settlements() > 1)
  disk.goOn()
  await second
  await eventually(() => server.heard.includes('b'), { timeoutMs: 10_000 })
  const asked = { service: 2, limit: 9 } as const
  const waiting = () => journal.ask('holdOutbox', asked)
  await eventually(async () => (await waiting()).length === 0)
  expect(server.heard).toEqual(['a', 'b'])
}, 30_000)

/** A relay's store on disk, a disk that can stall, and a clock that can jump. */
async function setup() {
  const nothing = { failed: () => undefined, lost: () => undefined, fatal: () => undefined }
  const journal: Journal = await SqliteJournal.open(
    join(await tempFolder(), 'myim.sqlite'),
    nothing,
  )
  onTestFinished(() => journal.close())
  const users = { ann: await registered(journal, 'ann'), bob: await registered(journal, 'bob') }
  const disk = stallingDisk(journal)
  const commits = new CommitQueue(disk.journal, disk.scheduler, () => undefined)
  onTestFinished(() => commits.close())
  const setPicture = (name: 'ann' | 'bob', imageId: string) => {
    const facts = { width: 1, height: 1, digest: bytes(32), thumbhash: bytes(21) }
    const input = { user: users[name].user, picture: { imageId, ...facts } }
    return commits.run({ name: 'setProfilePicture', input })
  }
  const start = async () => {
    const server = await holdsServer()
    const closers = new CloseStack()
    onTestFinished(() => closers.close())
    const { log } = recordingLogger()
    const parts = { scheduler: systemScheduler, log, journal, commits: disk.counted(commits) }
    const shared = { lease: { isHeld: true }, serviceKey: 'k'.repeat(32) }
    startHoldDelivery({ ...parts, ...shared, service: 2, addresses: [server.address] }, closers)
    return server
  }
  return { journal, commits, disk, setPicture, start }
}

function stallingDisk(journal: Journal) {
  let [aheadMs, settled] = [0, 0]
  let gate = Promise.withResolvers<void>()
  gate.resolve()
  const stalling: Journal = {
    commit: (batch: readonly Command[]) => gate.promise.then(() => journal.commit(batch)),
    ask: (name, args) => journal.ask(name, args),
    readLog: (...range) => journal.readLog(...range),
    close: () => journal.close(),
  }
  return {
    journal: stalling,
    scheduler: { ...systemScheduler, monotonic: () => systemScheduler.monotonic() + aheadMs },
    stall: () => void (gate = Promise.withResolvers<void>()),
    goOn: () => gate.resolve(),
    jump: (ms: number) => void (aheadMs += ms),
    settlements: () => settled,
    counted(commits: CommitQueue): CommitQueue {
      const run: CommitQueue['run'] = (command) => {
        settled += 1
        return commits.run(command)
      }
      return { run } as unknown as CommitQueue
    },
  }
}
