import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { delay, systemScheduler } from '@parley/service-kit'
import { eventually, tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { heldBytesEnv, heldBytesOf } from '../harness/held/held-bytes.ts'
import { History, isAccepted } from '../harness/history.ts'
import { contentOf } from '../harness/parley-command.ts'
import type { Line } from '../harness/parley-command.ts'
import { befriend } from '../harness/person.ts'
import { Talker } from '../harness/talker.ts'
import { testWorld } from '../harness/world.ts'

const messages = 100_000
const warmUpMessages = 10_000
const bodyBytes = 1_024
const stoppedMs = 60_000
/** Half of what is promised, for what the relay's kernel and its database hold; 1 MiB may wait for a session. */
const maxGrowthBytes = 16 * 1024 * 1024
const inFlight = 64
const messagesBetweenLooks = 5_000

test('a reader stopped for 60 s while 100,000 messages pass costs the relay less than 32 MiB and then gets every one in order', async () => {
  const heldSocket = path.join(await tempFolder(), 'held')
  const rates = { SENDS_PER_SECOND: '1000000', SEND_BURST: '1000000' }
  const world = await testWorld({ envOf: { relay: { ...rates, ...heldBytesEnv(heldSocket) } } })
  const [ann, bob] = [await world.person('ann'), await world.person('bob')]
  await befriend(ann, bob)
  await world.parley('bob').login('bob')
  const file = path.join(world.folder, 'watch.jsonl')
  const watch = world.parley('bob').startInto(file, ['watch'])
  onTestFinished(() => watch.kill('SIGKILL'))
  // A device's very first hello brings the newest 50 entries only: it must be over before.
  await eventually(async () => (await readFile(file, 'utf8')).includes('"caught-up"'), slowly)

  const history = new History()
  const talker = new Talker(history, ann.connect(), { userId: bob.userId }, 'ann')
  // A relay under way holds code and caches that one just started does not.
  await sendAll(talker, warmUpMessages)
  const screen = new Screen(file)
  await eventually(async () => (await screen.told()).length === warmUpMessages, slowly)
  const heldBefore = await heldBytesOf(heldSocket)

  watch.kill('SIGSTOP')
  const continueAt = performance.now() + stoppedMs
  let mostHeld = 0
  let sent = 0
  // Looked at under way: a device that takes nothing is let go after a while, and what waits for it.
  while (sent < messages) {
    await sendAll(talker, messagesBetweenLooks)
    sent += messagesBetweenLooks
    mostHeld = Math.max(mostHeld, await heldBytesOf(heldSocket))
  }
  await delay(systemScheduler, Math.max(0, continueAt - performance.now()))
  mostHeld = Math.max(mostHeld, await heldBytesOf(heldSocket))
  expect(mostHeld - heldBefore).toBeLessThan(maxGrowthBytes)

  watch.kill('SIGCONT')
  const total = warmUpMessages + messages
  await eventually(async () => (await screen.told()).length >= total, slowly)
  await watch.stop()
  const told = await screen.told()
  const accepted = history.sends.map((send) => send.answers.find(isAccepted)?.seq ?? 0)
  expect(told).toEqual(accepted.toSorted((a, b) => a - b))
  expect(told).toEqual(told.map((_, i) => i + 1))
  expect(world.deaths()).toEqual([])
})

const slowly = { timeoutMs: 240_000, everyMs: 200 }

async function sendAll(talker: Talker, count: number): Promise<void> {
  const padding = ` ${'x'.repeat(bodyBytes - 20)}`
  let left = count
  const line = async () => {
    while (left > 0) {
      left -= 1
      await talker.say(padding)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, line))
}

/** What a watch writes into a file. */
class Screen {
  readonly #file: string
  readonly #told: number[] = []
  #readBytes = 0

  constructor(file: string) {
    this.#file = file
  }

  /** The numbers of the texts so far, in the order in which they were written; reads what is new. */
  async told(): Promise<readonly number[]> {
    const { size } = await stat(this.#file)
    if (size === this.#readBytes) return this.#told
    const bytes = createReadStream(this.#file, { start: this.#readBytes, end: size - 1 })
    for await (const line of wholeLines(bytes)) {
      this.#readBytes += line.length + 1
      this.#take(line.toString())
    }
    return this.#told
  }

  #take(line: string): void {
    if (!line.includes('"kind":"text"')) return
    const parsed = JSON.parse(line) as Line
    if (contentOf(parsed)['kind'] === 'text') this.#told.push(Number(parsed['seq']))
  }
}

/** The lines that have ended, without their ends. */
async function* wholeLines(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      yield rest.subarray(from, end)
      from = end + 1
    }
    rest = rest.subarray(from)
  }
}
