import { isAppError } from '@parley/errors'
import { eventually, seededRandom, tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import type { SendResult } from '../api.ts'
import { idText } from '../ids.ts'
import { openHome } from '../state/home.ts'
import type { LocalState } from '../state/local-state.ts'
import { MemoryState } from '../state/memory-state.ts'
import { scaledScheduler } from '../testing/scaled-scheduler.ts'
import type { ScriptedConversation } from '../testing/scripted-log.ts'
import type { ScriptedRelay, SendFate } from '../testing/scripted-relay.ts'
import type { Fate } from '../testing/scripted-stream.ts'
import { startClient, startRelay, storedWords, text, toldWords, wordsOf } from '../testing/world.ts'
import type { Watched } from '../testing/world.ts'

const sendFates: readonly SendFate[] = [
  'refuse',
  'swallow',
  'store-and-swallow',
  'store-and-cut',
  'cut',
  'unresolved',
  'store-and-unresolved',
]

const entryFates: readonly Fate[] = ['lose', 'repeat', 'defer']

const messagesEach = 60

interface Sent {
  readonly words: string
  readonly conversation: ScriptedConversation
  readonly result: SendResult | 'refused' | 'unsent'
}

function misbehave(relay: ScriptedRelay, random: () => number): () => void {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]
  relay.script.send = () => (random() < 0.1 ? (pick(sendFates) ?? 'accept') : 'accept')
  relay.script.entries = () => (random() < 0.2 ? (pick(entryFates) ?? 'pass') : 'pass')
  return () => {
    relay.script.send = () => 'accept'
    relay.script.entries = () => 'pass'
  }
}

async function sendMany(
  { client }: Watched,
  conversations: readonly ScriptedConversation[],
  name: string,
  random: () => number,
): Promise<Sent[]> {
  const sent: Promise<Sent>[] = []
  for (let index = 0; index < messagesEach; index += 1) {
    const conversation = conversations[Math.floor(random() * conversations.length)]!
    const words = `${name}${index}`
    const sending = client.send({ conversationId: idText(conversation.id) }, text(words))
    const result = sending.catch((error: unknown) => {
      const reason = isAppError(error) ? error.reason : ''
      if (reason === 'BLOCKED') return 'refused' as const
      if (reason === 'CLOSED') return 'unsent' as const
      throw error
    })
    sent.push(result.then((done) => ({ words, conversation, result: done })))
    if (random() < 0.3) await client.calls.accounts.findUsers().catch(() => undefined)
  }
  return Promise.all(sent)
}

// Sends half, ends its session in the middle of it, and goes on in another one of the same home.
async function sendAcrossRestart(
  relay: ScriptedRelay,
  state: LocalState,
  conversations: readonly ScriptedConversation[],
  random: () => number,
): Promise<{ sessions: Watched[]; sent: Sent[] }> {
  const scheduler = scaledScheduler(20, random)
  const first = startClient(relay, { state, scheduler })
  const early = sendMany(first, conversations, 'a', random)
  await eventually(() => first.state.account(first.client.login.userId).outbox(0).length > 0)
  await first.client.close()
  const second = startClient(relay, { state, scheduler })
  const late = await sendMany(second, conversations, 'b', random)
  return { sessions: [first, second], sent: [...(await early), ...late] }
}

function checkAnswers(sent: readonly Sent[]): void {
  for (const { words, conversation, result } of sent) {
    const log = conversation.entries.map(wordsOf)
    if (result === 'refused' || result === 'unsent') expect(log).not.toContain(words)
    else if (result.state === 'accepted') expect(log[result.seq - 1]).toBe(words)
  }
}

// What one sender said in one conversation stands there once, in the order in which it was said.
function checkOrder(sent: readonly Sent[], conversation: ScriptedConversation): void {
  const log = conversation.entries.map(wordsOf)
  const places = sent
    .filter((one) => one.conversation === conversation)
    .map(({ words }) => log.indexOf(words))
    .filter((place) => place >= 0)
  expect(places).toEqual(places.toSorted((one, other) => one - other))
  expect(new Set(log).size).toBe(log.length)
}

const seeds = Array.from({ length: 6 }, (_, index) => index + 1)

test.each(seeds)(
  'whatever the relay does, every entry is stored once and in order, every message answered (seed %d)',
  async (seed) => {
    const random = seededRandom(seed)
    const relay = await startRelay()
    const conversations = [relay.log.open(), relay.log.open(), relay.log.open()]
    const behave = misbehave(relay, random)
    const state = await openHome(await tempFolder())
    const reader = startClient(relay, {
      state: new MemoryState(),
      scheduler: scaledScheduler(20, random),
    })
    const talking = [
      sendAcrossRestart(relay, state, conversations, random),
      sendMany(reader, conversations, 'c', random),
    ] as const
    const { sessions, sent } = await talking[0]
    const others = await talking[1]
    behave()
    relay.heads()
    const last = sessions.at(-1)!
    await Promise.all([last.client.drained(), reader.client.drained()])
    for (const conversation of conversations) {
      const log = () => conversation.entries.map(wordsOf)
      await eventually(() => expect(storedWords(last, conversation.id)).toEqual(log()))
      await eventually(() => expect(storedWords(reader, conversation.id)).toEqual(log()))
      expect(toldWords(reader, conversation.id)).toEqual(log())
      expect(sessions.flatMap((one) => toldWords(one, conversation.id))).toEqual(log())
      checkOrder([...sent], conversation)
      checkOrder(others, conversation)
    }
    checkAnswers([...sent, ...others])
    const account = state.account(last.client.login.userId)
    expect(account.outbox(0).filter((row) => row.refusedReason === '')).toEqual([])
    await last.client.close()
  },
  60_000,
)
