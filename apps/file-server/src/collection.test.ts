import { randomBytes } from 'node:crypto'
import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { ask, upload } from './testing/http.ts'
import { alice, openRelay } from './testing/relay.ts'
import { internalKey, startWorld } from './testing/world.ts'

const dayMs = 24 * 3_600_000
/** What nothing else is repeated at. */
const collectEveryMs = 61_234

test('a file whose hold still waits at the relay is spared, however long it waits', async () => {
  const { add, collect, pass, tell, isThere } = await setup()
  const [held, unheld] = [await add(), await add()]
  pass(8 * dayMs)
  // The relay can be reached and has told something, but not yet that a message needs the file.
  await tell([], false)
  await collect()
  expect([await isThere(held), await isThere(unheld)]).toEqual([true, true])
  await tell([held], true)
  await collect()
  expect([await isThere(held), await isThere(unheld)]).toEqual([true, false])
})

test('what has become old since the relay last said that nothing waits is spared', async () => {
  const { add, collect, pass, tell, isThere } = await setup()
  const file = await add()
  await tell([], true)
  pass(8 * dayMs)
  await collect()
  expect(await isThere(file)).toBe(true)
  await tell([], true)
  await collect()
  expect(await isThere(file)).toBe(false)
})

/** A file server whose calendar and collection go as the test says. */
async function setup() {
  const folder = await tempFolder()
  const { scheduler, pass, collect } = calendar()
  const { log, lines } = recordingLogger()
  const env = { COLLECT_EVERY_MS: String(collectEveryMs) }
  const { root, server, internal } = await startWorld(folder, env, { scheduler, log })
  const relay = await openRelay(folder, scheduler)
  const metadata = keyMetadata(serviceKeyHeader, internalKey)
  const holds = openClient(common.HoldsClient, internal, { metadata })
  onTestFinished(async () => {
    holds.close()
    await server.close()
  })
  return {
    pass,
    add: async () => (await upload(root, await relay.access(alice), randomBytes(9))).id,
    tell: (ids: readonly string[], complete: boolean) =>
      holds.call.apply({
        changes: ids.map((id) => ({ id, holder: 'c/1', held: true })),
        complete,
      }),
    collect: async () => {
      const runs = () => lines.filter(({ msg }) => msg === 'collected').length
      // An upload past its time, so that the run has something to tell of.
      await upload(root, await relay.access(alice), randomBytes(1))
      pass(dayMs + 1)
      const before = runs()
      collect()
      await eventually(() => runs() > before)
    },
    isThere: async (id: string) => {
      const ticket = await relay.ticket(alice, id)
      return (await ask('GET', `${root}/files/${id}`, ticket)).status === 200
    },
  }
}

// Real time but for the calendar, and for collection, which runs when the test says so.
function calendar() {
  let offByMs = 0
  let collect = () => {}
  const scheduler: Scheduler = {
    ...systemScheduler,
    now: () => systemScheduler.now() + offByMs,
    every(periodMs, fn) {
      if (periodMs !== collectEveryMs) return systemScheduler.every(periodMs, fn)
      collect = fn
      return { cancel: () => undefined }
    },
  }
  return { scheduler, pass: (ms: number) => void (offByMs += ms), collect: () => collect() }
}
