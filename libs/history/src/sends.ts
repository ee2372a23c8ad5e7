import type { EventOf, HistoryEvent } from './events.ts'

type Sent = EventOf<'send'>
/** An event with its place in the history. */
export type At<Event> = Event & { readonly at: number }

/** Everything about one message of one sender. */
export interface Send {
  readonly user: string
  readonly client: string
  readonly id: string
  /** As first asked for. */
  readonly invoked: At<Extract<Sent, { op: 'invoke' }>>
  readonly attempts: At<Extract<Sent, { op: 'invoke' }>>[]
  readonly accepted: At<Extract<Sent, { op: 'ok' }>>[]
  readonly refused: At<Extract<Sent, { op: 'fail' }>>[]
  readonly unknown: At<Extract<Sent, { op: 'info' }>>[]
}

/** What one sender calls one message. */
export const sendKey = (user: string, id: string) => `${user} ${id}`

/** All messages of a history by sender and id, in the order in which they were first asked for. */
export function readSends(events: readonly HistoryEvent[]): ReadonlyMap<string, Send> {
  const sends = new Map<string, Send>()
  events.forEach((event, at) => {
    if (event.f !== 'send') return
    const key = sendKey(event.user, event.id)
    if (event.op === 'invoke') noteAttempt(sends, key, { ...event, at })
    else noteAnswer(sends.get(key), { ...event, at })
  })
  return sends
}

function noteAttempt(sends: Map<string, Send>, key: string, attempt: Send['invoked']): void {
  const known = sends.get(key)
  if (known !== undefined) {
    known.attempts.push(attempt)
    return
  }
  const { user, client, id } = attempt
  const answers = { accepted: [], refused: [], unknown: [] }
  sends.set(key, { user, client, id, invoked: attempt, attempts: [attempt], ...answers })
}

function noteAnswer(send: Send | undefined, event: At<Exclude<Sent, { op: 'invoke' }>>): void {
  // An answer to nothing cannot be judged; a recorder that notes one is broken.
  if (send === undefined) throw new Error(`an answer to ${event.id}, which was never sent`)
  if (event.op === 'ok') send.accepted.push(event)
  else if (event.op === 'fail') send.refused.push(event)
  else send.unknown.push(event)
}

/** True when every attempt was refused, so that nothing of it may be stored. */
export function isRefused(send: Send): boolean {
  return send.accepted.length === 0 && send.refused.length >= send.attempts.length
}
