import { eventually } from '@parley/testkit'
import type { chat } from '@parley/proto'
import type { EventCase, Wire } from '../harness/wire.ts'
import { newNonce, patienceMs } from './stream-scene.ts'
import type { Hall } from './stream-scene.ts'

/** What a client writes into its stream. */
export type CommandCase = NonNullable<chat.Command['command']>

/** Writes a command; what came for it, all of it having come. */
export async function tellOf(wire: Wire, command: CommandCase, hall?: Hall): Promise<EventCase[]> {
  const from = wire.events.length
  wire.write(command)
  if (command.$case === 'send') await wire.answer(command.value.clientMessageId)
  if (command.$case === 'pull' && hall) await readHall(wire, hall)
  await fence(wire)
  return wire.events.slice(from).filter((event) => event.$case !== 'pong' && !isOfHall(event, hall))
}

/** Resolves when everything has come that was on its way. */
export async function fence(wire: Wire): Promise<void> {
  const nonce = newNonce()
  wire.write({ $case: 'ping', value: { nonce } })
  await wire.next('pong', (pong) => pong.nonce === nonce, patienceMs)
}

// Logs are read beside the commands: what was asked for before has come when this has.
async function readHall(wire: Wire, { id, afterSeq }: Hall): Promise<void> {
  const count = () => wire.all('entries').filter((one) => one.conversationId.equals(id)).length
  const before = count()
  wire.write({ $case: 'pull', value: { conversationId: id, afterSeq: afterSeq - 1 } })
  await eventually(() => count() > before, { timeoutMs: patienceMs })
}

function isOfHall(event: EventCase, hall: Hall | undefined): boolean {
  return event.$case === 'entries' && hall?.id.equals(event.value.conversationId) === true
}

/** Events so that two tellings can be compared: without ids of the client's own making, times and session. */
export function plain(events: readonly EventCase[]): string[] {
  return events.map((event) => {
    const own = { clientMessageId: '', sessionId: '', serverTimeMs: 0, tokenExpiresAtMs: 0 }
    return JSON.stringify({ ...event, value: { ...event.value, ...own } })
  })
}

/** Why a message was refused, if it was. */
export function refusalIn(events: readonly EventCase[]): string | undefined {
  return events.flatMap((event) => (event.$case === 'refused' ? [event.value.reason] : []))[0]
}

/** Whether somebody was told that a user has stored, read or written something in a conversation. */
export function hasHeard(events: readonly EventCase[], conversation: Buffer, user: Buffer) {
  return events.some((event) => {
    if (event.$case === 'typing' || event.$case === 'directSignal') {
      return event.value.conversationId.equals(conversation) && event.value.userId.equals(user)
    }
    if (event.$case !== 'receipts' || !event.value.conversationId.equals(conversation)) return false
    return event.value.positions.some(({ userId }) => userId.equals(user))
  })
}
