import { fork } from 'node:child_process'
import { join } from 'node:path'
import { systemScheduler } from '@parley/service-kit'
import { eventually, tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { idText } from '../ids.ts'
import { openHome } from '../state/home.ts'
import {
  loggedIn,
  quickScheduler,
  startClient,
  startRelay,
  storedWords,
  text,
  wordsOf,
} from '../testing/world.ts'

const program = join(import.meta.dirname, '../testing/keep-sending.ts')

// Answers what the process had been told was accepted when it was killed.
async function sendUntilKilled(args: readonly string[], count: number): Promise<string[]> {
  const child = fork(program, args)
  const accepted: string[] = []
  child.on('message', (words) => typeof words === 'string' && accepted.push(words))
  await eventually(() => accepted.length >= count, { timeoutMs: 15_000 })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
  return accepted
}

test('messages in the outbox survive kill -9: each is sent once, none is lost', async () => {
  const relay = await startRelay()
  const conversation = relay.log.open()
  const folder = await tempFolder()
  const state = await openHome(folder)
  const login = loggedIn(relay, state, systemScheduler)
  const accepted: string[] = []
  for (const [round, count] of [5, 33, 61].entries()) {
    const args = [folder, relay.address, idText(conversation.id), `r${round}`]
    accepted.push(...(await sendUntilKilled(args, count)))
  }
  const outbox = state.account(login.userId).outbox(0)
  const { client } = startClient(relay, { state, scheduler: quickScheduler() })
  await eventually(() => expect(state.account(login.userId).outbox(0)).toEqual([]))
  const words = conversation.entries.map(wordsOf)
  expect(outbox.length).toBeGreaterThan(0)
  expect(words).toEqual(expect.arrayContaining(accepted))
  expect(new Set(words).size).toBe(words.length)
  const numbers = words.filter((one) => one.startsWith('r2-')).map((one) => Number(one.slice(3)))
  expect(numbers).toEqual(numbers.toSorted((one, other) => one - other))
  await client.close()
})

test('a hundred one-shot sends beside a lasting session of the same home disturb nothing', async () => {
  const relay = await startRelay()
  const conversation = relay.log.open()
  const folder = await tempFolder()
  const watching = await openHome(folder)
  const watch = startClient(relay, { state: watching })
  await watch.client.caughtUp()
  const conversationId = idText(conversation.id)
  const sendOnce = async (words: string) => {
    const state = await openHome(folder)
    const { client } = startClient(relay, { state, transient: true })
    const result = await client.send({ conversationId }, text(words), { ifUnreachable: 'queue' })
    await client.close()
    state.close()
    return result
  }
  for (let batch = 0; batch < 20; batch += 1) {
    const words = Array.from({ length: 5 }, (_, index) => `${batch}.${index}`)
    const results = []
    for (const one of words) results.push(sendOnce(one))
    expect((await Promise.allSettled(results)).map((one) => one.status)).not.toContain('rejected')
  }
  await eventually(() => expect(storedWords(watch, conversation.id)).toHaveLength(100))
  expect(new Set(conversation.entries.map(wordsOf)).size).toBe(100)
  expect(watch.client.connection.state).toBe('caught-up')
  await watch.client.close()
})
