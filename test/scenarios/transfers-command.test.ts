import { randomBytes } from 'node:crypto'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ParleyCommand } from '../harness/parley-command.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { runCommand } from '../torture/disk/run-command.ts'
import { isSkippedHere } from '../torture/disk/abilities.ts'
import { startFaultProxy } from '../torture/proxy/index.ts'
import type { FaultProxy } from '../torture/proxy/index.ts'
import { UploadDoor } from '../torture/uploads/upload-door.ts'

const mebibyte = 1 << 20

let world: World
let ann: ParleyCommand
let bob: ParleyCommand
/** Between the commands and the file server: at first what breaks connections, then what counts. */
let proxy: FaultProxy
let door: UploadDoor
/** Where the next upload is held. */
let cutsAt: readonly number[] = []

beforeAll(async () => {
  proxy = await startFaultProxy({ target: '127.0.0.1:1' })
  door = await UploadDoor.start(() => cutsAt)
  world = await startWorld({
    services: ['relay', 'file-server'],
    nats: { url: 'memory:' },
    env: { FILES_PUBLIC: `http://${proxy.address}`, MIN_FREE_BYTES: String(mebibyte) },
  })
  proxy.retarget(new URL(door.url).host)
  door.lead(`127.0.0.1:${world.cluster.ports.files}`)
  ann = world.parley('ann')
  bob = world.parley('bob')
  await Promise.all([ann.register('ann'), bob.register('bob')])
  await ann.must(['friends', 'add', 'bob'])
  await bob.must(['friends', 'accept', 'ann'])
})

afterAll(async () => {
  await world?.stop()
  await door?.close()
  await proxy?.close()
})

/** A file with bytes of its own, and a place for a copy of it. */
async function setup(sourceBytes: number, cuts: readonly number[] = []) {
  cutsAt = cuts
  const bytes = randomBytes(sourceBytes)
  const source = path.join(world.folder, `source-${sourceBytes}.bin`)
  await writeFile(source, bytes)
  return { bytes, source, target: path.join(world.folder, `target-${sourceBytes}.bin`) }
}

async function sendFile(sender: ParleyCommand, file: string): Promise<string> {
  const { lines } = await sender.must(['send-file', '@bob', file])
  return String(lines.find(({ type }) => type === 'sent')?.['seq'])
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size
}

test('parley send-file, killed in the middle, goes on at its next start', async () => {
  const { bytes, source, target } = await setup(30 * mebibyte, [21 * mebibyte])
  const sending = ann.start(['send-file', '@bob', source])
  await eventually(() => door.held === 1, { timeoutMs: 30_000 })
  sending.kill('SIGKILL')
  await sending.ended
  door.cut()
  const seq = await sendFile(ann, source)
  const tally = [...door.tallies.values()].at(-1)
  expect(tally).toMatchObject({ sizeBytes: bytes.length, interruptions: 1 })
  expect(tally?.mostResentBytes).toBeLessThanOrEqual(8 * mebibyte)
  await bob.must(['get', '@ann', seq, '-o', target])
  expect((await readFile(target)).equals(bytes)).toBe(true)
})

test('parley get, killed in the middle, goes on at its next start', async () => {
  const { bytes, source, target } = await setup(24 * mebibyte)
  const seq = await sendFile(ann, source)
  proxy.set({ down: { blackholeAfterBytes: 10_000_000 } })
  const get = bob.start(['get', '@ann', seq, '-o', target])
  const part = path.join(path.dirname(target), `.${path.basename(target)}.part`)
  await eventually(async () => (await sizeOf(part)) > 5_000_000, { timeoutMs: 30_000 })
  get.kill('SIGKILL')
  await get.ended
  proxy.heal()
  const { lines } = await bob.must(['get', '@ann', seq, '-o', target])
  expect(lines.at(-1)).toMatchObject({ type: 'downloaded', bytes: bytes.length })
  expect(lines.at(-1)?.['resumedFrom']).toBeGreaterThan(5_000_000)
  expect((await readFile(target)).equals(bytes)).toBe(true)
})

/** Gives the file server an empty disk of 32 MiB; answers where it is. */
async function onSmallDisk(): Promise<string> {
  const folder = world.cluster.dataFolder('file-server')
  await world.kill('file-server')
  await runCommand('mount', '-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', folder)
  onTestFinished(async () => {
    await world.kill('file-server')
    await runCommand('umount', folder)
  })
  await world.cluster.start('file-server')
  return folder
}

const isSkipped = isSkippedHere('full disks of commands', 'mount')

test.skipIf(isSkipped)(
  'a disk that fills up refuses an upload in words, gives what it has, and goes on by itself when there is room',
  async () => {
    const { bytes, source, target } = await setup(20 * mebibyte, [10 * mebibyte])
    const ballast = path.join(await onSmallDisk(), 'ballast')
    const kept = path.join(world.folder, 'kept.bin')
    await writeFile(kept, randomBytes(100_000))
    const keptSeq = await sendFile(ann, kept)
    const sending = ann.start(['send-file', '@bob', source])
    await eventually(() => door.held === 1, { timeoutMs: 30_000 })
    await runCommand('fallocate', '-l', String(18 * mebibyte), ballast)
    door.cut()
    const refused = await sending.ended
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/DISK_FULL.*no space is left on this server/)
    await bob.must(['get', '@ann', keptSeq, '-o', `${target}.kept`])
    await rm(ballast)
    const seq = await sendFile(ann, source)
    const tally = [...door.tallies.values()].at(-1)
    // Interrupted twice, by the cut and by the refusal: a piece at most each.
    expect(tally?.arrivedBytes).toBeLessThanOrEqual(bytes.length + 2 * 8 * mebibyte)
    await bob.must(['get', '@ann', seq, '-o', target])
    expect((await readFile(target)).equals(bytes)).toBe(true)
  },
)
