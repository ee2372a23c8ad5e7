import { openSigner } from '@parley/auth'
import { CloseStack } from '@parley/service-kit'
import { FakeScheduler, recordingLogger, tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { publishSigningKey } from './publish-key.ts'
import type { PublishKeyParts } from './publish-key.ts'

const dayMs = 24 * 3600 * 1000

test('a relay says by which key it signs at its start and every day, and repeats what the store did not take', async () => {
  const scheduler = new FakeScheduler()
  const signer = await openSigner({ issuer: 'relay', folder: await tempFolder(), scheduler })
  const store = { away: true, taken: [] as unknown[] }
  const run = (({ input }: { input: unknown }) => {
    if (store.away) return Promise.reject(new Error('away'))
    store.taken.push(input)
    return Promise.resolve({ ok: true })
  }) as unknown as PublishKeyParts['commits']['run']
  const closers = new CloseStack(scheduler)
  const { log } = recordingLogger()
  publishSigningKey({ scheduler, log, commits: { run }, signer }, closers)
  await scheduler.advance(60_000)
  expect(store.taken).toEqual([])
  store.away = false
  await scheduler.advance(5_000)
  const { kid, publicJwk } = signer
  expect(store.taken).toEqual([{ kid, issuer: 'relay', publicJwk }])
  expect(publicJwk).not.toContain('"d"')
  await scheduler.advance(3 * dayMs)
  expect(store.taken).toHaveLength(4)
  await closers.close()
  await scheduler.advance(3 * dayMs)
  expect(store.taken).toHaveLength(4)
})
