import type { chat } from '@parley/proto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import type { Person, RelayWorld } from '../relay-world.ts'

/** Alice owns the group, bob is a member and her contact, carol is neither. */
export interface Cast extends RelayWorld {
  readonly alice: Person
  readonly bob: Person
  readonly carol: Person
  /** Of the group. */
  readonly conversationId: Buffer
  /** Of alice's direct conversation with bob, which holds one text. */
  readonly direct: Buffer
}

/** One refusal of a method. */
export interface Row {
  readonly note: string
  readonly reason: string
  readonly call: (cast: Cast) => Promise<unknown>
}

/** The refusals of every method of a service. */
export type RowsOf<Service> = { readonly [Name in keyof Service]: readonly Row[] }

/** Makes a row. */
export function row(reason: string, note: string, call: Row['call']): Row {
  return { reason, note, call }
}

export const password = 'correct horse'
/** An id that nothing has. */
export const nobodysId = Buffer.from(uuidv7(systemScheduler))
export const shortId = Buffer.alloc(15)

/** A text of so many bytes. */
export function long(bytes: number): string {
  return 'x'.repeat(bytes)
}

/** The token with one character changed. */
export function changed(token: string): string {
  const at = Math.floor(token.length / 2)
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

/** Puts the cast on a relay's stage. */
export async function makeCast(world: RelayWorld): Promise<Cast> {
  const alice = await world.register('alice')
  const bob = await world.register('bob')
  const carol = await world.register('carol')
  await alice.contacts.request({ userId: bob.userId })
  await bob.contacts.answer({ userId: alice.userId, accept: true })
  const { group } = await alice.groups.create({ title: 'trip', userIds: [bob.userId] })
  const [sent] = await world.send(alice, {
    to: { $case: 'userId', value: bob.userId },
    content: { $case: 'text', value: { text: 'hello' } },
  })
  const direct = (sent as chat.Accepted).conversationId
  const conversationId = group?.conversationId ?? direct
  return { ...world, alice, bob, carol, conversationId, direct }
}
