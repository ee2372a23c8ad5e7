import { randomBytes } from 'node:crypto'
import { systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { onTestFinished } from 'vitest'
import type { ChatClient, ConnectOptions } from '../api.ts'
import type { ClientEvent } from '../client-events.ts'
import { idText } from '../ids.ts'
import { chat } from '@parley/proto'
import { connect } from '../session/chat-session.ts'
import type { LocalState, Login } from '../state/local-state.ts'
import { MemoryState } from '../state/memory-state.ts'
import { scaledScheduler } from './scaled-scheduler.ts'
import { ScriptedRelay } from './scripted-relay.ts'

/** A clock for tests of patience: fifteen seconds pass in 300 ms. */
export function quickScheduler(): Scheduler {
  return scaledScheduler(50)
}

/** A scripted relay that ends with the test, with the log of another one if it is given. */
export async function startRelay(sibling?: ScriptedRelay): Promise<ScriptedRelay> {
  const relay = await new ScriptedRelay(sibling?.log).start()
  onTestFinished(() => relay.stop())
  return relay
}

/** Somebody logged in at the relay, with a token valid for as long as its script says. */
export function loggedIn(relay: ScriptedRelay, state: LocalState, scheduler: Scheduler): Login {
  const credentials = relay.credentials(randomBytes(16), randomBytes(16))
  const login = {
    userId: idText(credentials.userId),
    userName: credentials.userName,
    deviceId: idText(credentials.deviceId),
    accessToken: credentials.accessToken,
    accessExpiresAtMs: scheduler.now() + relay.script.tokenMs,
    refreshToken: credentials.refreshToken,
  }
  state.saveLogin(login)
  return login
}

/** A client and everything it has told. */
export interface Watched {
  readonly client: ChatClient
  readonly state: LocalState
  readonly events: ClientEvent[]
}

/** Connects somebody new, or whoever the state knows; the client closes with the test. */
export function startClient(relay: ScriptedRelay, options: Partial<ConnectOptions> = {}): Watched {
  const scheduler = options.scheduler ?? systemScheduler
  const state = options.state ?? new MemoryState()
  if (!state.login()) loggedIn(relay, state, scheduler)
  const client = connect({ servers: [relay.address], ...options, scheduler, state })
  const events: ClientEvent[] = []
  client.on((event) => events.push(event))
  onTestFinished(() => client.close())
  return { client, state, events }
}

/** Words. */
export function text(words: string): chat.Content {
  return { content: { $case: 'text', value: { text: words } } }
}

/** The words of an entry. */
export function wordsOf(entry: chat.Entry): string {
  const content = entry.content?.content
  return content?.$case === 'text' ? content.value.text : `<${content?.$case ?? 'nothing'}>`
}

/** What a device has stored of a conversation, as words. */
export function storedWords({ client, state }: Watched, conversationId: Buffer): string[] {
  const account = state.account(client.login.userId)
  const stored = account.entries(idText(conversationId), 0, 100_000)
  return stored.map(({ body }) => wordsOf(chat.Entry.decode(body)))
}

/** What was told of a conversation, as words; throws when a number was told twice or out of order. */
export function toldWords({ events }: Watched, conversationId: Buffer): string[] {
  const words: string[] = []
  let next = 0
  for (const event of events) {
    if (event.type !== 'entries') continue
    if (event.conversation.conversationId !== idText(conversationId)) continue
    if (next !== 0 && event.firstSeq !== next)
      throw new Error(`${event.firstSeq} after ${next - 1}`)
    next = event.firstSeq + event.entries.length
    words.push(...event.entries.map(wordsOf))
  }
  return words
}
