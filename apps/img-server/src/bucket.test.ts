import { join } from 'node:path'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { recordingLogger, startFakeS3, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from './config.ts'
import { startImgServer } from './img-server.ts'
import { sweepEveryMs } from './representations/open-representations.ts'
import { scene } from './testing/pictures.ts'
import { read, uploadImage } from './testing/requests.ts'
import { alice, testRelay } from './testing/start-test-server.ts'

test('an image is served by the other server of its bucket, in every variant and type', async () => {
  const { start, relay, sweep, lines } = await setup()
  const [one, two] = [await start('one'), await start('two')]
  const picture = await scene(900, 600).jpeg().toBuffer()
  const { id } = await uploadImage(one, await relay.token(alice), picture)
  for (const variant of ['thumb', 'preview', 'full']) {
    const path = `/images/${id}/${variant}`
    const [mine, other] = [
      await read(one, path, await relay.ticket(id)),
      await read(two, path, await relay.ticket(id)),
    ]
    expect([other.status, other.headers.get('etag')]).toEqual([200, mine.headers.get('etag')])
    expect(await other.arrayBuffer()).toEqual(await mine.arrayBuffer())
  }
  const accept = { headers: { Accept: 'image/jpeg' } }
  const readJpeg = async () => {
    const answer = await read(two, `/images/${id}/thumb`, await relay.ticket(id), accept)
    return [answer.status, answer.headers.get('content-type')]
  }
  expect(await readJpeg()).toEqual([200, 'image/jpeg'])
  // What is made of a neighbour's image is kept like any other.
  sweep()
  expect(await readJpeg()).toEqual([200, 'image/jpeg'])
  expect(lines.filter(({ msg }) => msg === 'representation made')).toHaveLength(1)
})

test('an image of no server is not found, whether there is a bucket or not', async () => {
  const { s3, start, relay } = await setup()
  const root = await start('one')
  const id = 'a'.repeat(32)
  const answer = await read(root, `/images/${id}/full`, await relay.ticket(id))
  expect(answer.status).toBe(404)
  expect(s3.requests).toContain(`GET files/${id}`)
})

async function setup() {
  const folder = await tempFolder()
  const s3 = await startFakeS3()
  onTestFinished(() => s3.close())
  const relay = await testRelay(folder)
  const relayKeys = { fetch: async () => relay.signer.jwks, close: () => undefined }
  const { log, lines } = recordingLogger()
  const sweeps: (() => void)[] = []
  const scheduler: Scheduler = {
    ...systemScheduler,
    every(periodMs, fn) {
      if (periodMs === sweepEveryMs) sweeps.push(fn)
      return systemScheduler.every(periodMs, fn)
    },
  }
  const start = async (name: string) => {
    const variables = { PORT: '0', INTERNAL_PORT: '0', MIN_FREE_BYTES: '0', S3_URL: s3.url }
    const config = loadConfig({ ...variables, DATA_DIR: join(folder, name) })
    const server = await startImgServer(config, {
      log,
      relayKeys,
      scheduler,
    })
    onTestFinished(() => server.close())
    return `http://${server.addresses['public'] ?? ''}`
  }
  const sweep = () => {
    for (const each of sweeps) each()
  }
  return { s3, start, relay, sweep, lines }
}
