import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Env } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { befriend } from '../harness/person.ts'
import { Tus } from '../harness/tus.ts'
import { testWorld } from '../harness/world.ts'

const mebibyte = 1 << 20

test('send-file says which limit was hit, how much is allowed and what helps; what is stored stays readable', async () => {
  const { world, tus, bob, sendFile } = await setup({
    MAX_UPLOAD_BYTES: String(2 * mebibyte),
    MAX_USER_BYTES: String(3 * mebibyte),
    MAX_USER_UPLOADS: '1',
  })
  expect(await sendFile(2.5)).toMatchObject({
    reason: 'UPLOAD_TOO_LARGE',
    message: 'it has 2.5 MiB; at most 2 MiB are taken; send it in smaller pieces',
  })
  const { seq, bytes } = await sendFile(2)
  expect(await sendFile(1.5)).toMatchObject({
    reason: 'QUOTA_EXCEEDED',
    message:
      'you have 2 MiB here and this has 1.5 MiB; at most 3 MiB are kept of one user; ' +
      'files of messages that you recall within a day of sending, or whose group is dissolved, ' +
      'make room later (after a week, unless the operator set another time); ' +
      'else ask the operator for more',
  })
  expect((await tus.create(10)).status).toBe(201)
  expect(await sendFile(0.01)).toMatchObject({
    reason: 'TOO_MANY_UPLOADS',
    message:
      'you have 1 unfinished uploads; at most 1 are kept of one user; ' +
      'finish what was interrupted by sending it again, or wait: a day later it is forgotten',
  })
  const target = path.join(world.folder, 'target')
  await bob.must(['get', '@ann', String(seq), '-o', target])
  expect(bytes.equals(await readFile(target))).toBe(true)
})

test('send-file says that the disk of the server is full, and that nothing is lost by it', async () => {
  const { sendFile } = await setup({ MIN_FREE_BYTES: String(Number.MAX_SAFE_INTEGER) })
  expect(await sendFile(0.01)).toMatchObject({
    reason: 'DISK_FULL',
    message:
      'no space is left on this server; ' +
      'what was sent is kept, and sent again it goes on once the operator has made room',
  })
})

/** Ann and Bob, and a file server with such limits. */
async function setup(env: Env) {
  const services = ['relay', 'file-server'] as const
  const world = await testWorld({
    services,
    nats: { url: 'memory:' },
    envOf: { 'file-server': env },
  })
  const people = { ann: await world.person('ann'), bob: await world.person('bob') }
  await befriend(people.ann, people.bob)
  const [ann, bob] = [world.parley('ann'), world.parley('bob')]
  await Promise.all([ann.login('ann'), bob.login('bob')])
  const files = `http://127.0.0.1:${world.cluster.ports.files}`
  const tus = new Tus(files, people.ann.login().accessToken)
  // Until it has heard from the relay whose tokens are good.
  await eventually(async () => expect((await tus.create(2 ** 40)).status).toBe(413))
  const sendFile = async (mebibytes: number) => {
    const bytes = randomBytes(mebibytes * mebibyte)
    const source = path.join(world.folder, `source-${mebibytes}`)
    await writeFile(source, bytes)
    const { lines, stderr } = await ann.run(['send-file', '@bob', source])
    const sent = lines.find(({ type }) => type === 'sent')
    if (sent) return { bytes, seq: sent['seq'] }
    return { bytes, ...(JSON.parse(stderr.trim().split('\n').at(-1) ?? '{}') as object) }
  }
  return { world, tus, bob, sendFile }
}
