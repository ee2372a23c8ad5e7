import { FakeScheduler, recordingLogger, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { deafAfterMs, startCollector } from './start-collector.ts'
import { openStore } from './testing/world.ts'

const everyMs = 60_000
const silent =
  'no relay has said for 10 minutes that no hold waits, so files that nobody needs stay'
const again = 'a relay says again that no hold waits'

test('a server that hears from no relay that no hold waits says so once, and when it does', async () => {
  const scheduler = new FakeScheduler()
  const { store } = await openStore(await tempFolder(), { scheduler })
  const { log, lines } = recordingLogger()
  const { collection } = store
  const collector = startCollector({ collection, everyMs, scheduler, log })
  onTestFinished(async () => {
    await collector.stop()
    store.close()
  })
  const said = () => lines.map(({ msg }) => msg)
  for (let told = 0; told < 3; told += 1) {
    collection.allHeard()
    await scheduler.advance(deafAfterMs)
  }
  expect(said()).toEqual([])
  await scheduler.advance(3 * deafAfterMs)
  expect(lines).toMatchObject([{ level: 40, msg: silent }])
  collection.allHeard()
  await scheduler.advance(everyMs)
  expect(said()).toEqual([silent, again])
  await scheduler.advance(2 * deafAfterMs)
  expect(said()).toEqual([silent, again, silent])
})
