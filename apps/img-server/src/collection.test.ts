import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { eventually, recordingLogger, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { collectEveryMs } from './img-server.ts'
import { scene } from './testing/pictures.ts'
import { read, uploadImage } from './testing/requests.ts'
import { alice, serviceKey, startTestServer, testRelay } from './testing/start-test-server.ts'

const weekMs = 7 * 24 * 3_600_000

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
  return { scheduler, pass: (ms: number) => (offByMs += ms), collect: () => collect() }
}

test('an image that nobody held for a week is taken away, a held one never, and none while holds may wait', async () => {
  const folder = await tempFolder()
  const { scheduler, pass, collect } = calendar()
  const { log, lines } = recordingLogger()
  const server = await startTestServer(folder, { log, scheduler })
  onTestFinished(() => server.close())
  const token = await server.token(alice)
  const held = await uploadImage(server.url, token, await scene(90, 60).png().toBuffer())
  const unheld = await uploadImage(server.url, token, await scene(60, 90).png().toBuffer())
  const metadata = keyMetadata(serviceKeyHeader, await serviceKey(folder))
  const holds = openClient(common.HoldsClient, server.internal, { metadata })
  onTestFinished(() => holds.close())
  const changes = [{ id: held.id, holder: 'talk/1', held: true }]

  pass(weekMs + 1)
  const later = await testRelay(folder, weekMs + 1)
  const statusOf = async (id: string) => {
    return (await read(server.url, `/images/${id}/full`, await later.ticket(id))).status
  }
  await holds.call.apply({ changes: [], complete: false })
  collect()
  // The uploads' own time is over as well, so this run has something to tell of.
  await eventually(() => lines.some(({ msg }) => msg === 'collected'))
  expect([await statusOf(held.id), await statusOf(unheld.id)]).toEqual([200, 200])
  await holds.call.apply({ changes, complete: true })
  collect()
  await eventually(async () => (await statusOf(unheld.id)) === 404)
  expect(await statusOf(held.id)).toBe(200)
  const images = join(folder, 'img-server', 'images')
  await eventually(async () => {
    const paths = await readdir(images, { recursive: true })
    expect(paths.filter((path) => /[0-9a-f]{64}$/.test(path))).toHaveLength(3)
  })
})
