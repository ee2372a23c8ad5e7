import { randomBytes } from 'node:crypto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import type { chat } from '@parley/proto'
import { Wire, sendOf } from '../harness/wire.ts'
import { bytesOf } from './bytes-of.ts'
import { actors } from './cast.ts'
import type { Actor } from './cast.ts'
import type { Stage } from './stage.ts'
import { words } from './words.ts'

/** For a machine with other work to do. */
export const patienceMs = 60_000

/** The stage with a stream of everybody, and with conversations that only streams are asked about. */
export interface StreamScene extends Stage {
  readonly wires: Readonly<Record<Actor, Wire>>
  /** Of a second device of the owner, who is in all conversations but others' own. */
  readonly observer: Wire
  /** The conversation of the owner and who is blocked by them. */
  readonly withBlocked: Buffer
  /** The notices log of the owner. */
  readonly notices: Buffer
  /** Texts of the owner in the open group, one for each who may try to change it. */
  readonly texts: Readonly<Record<Actor, number>>
  readonly hall: Hall
  /** A user who shares nothing with anybody. */
  readonly loner: Buffer
}

/** A group of everybody. */
export interface Hall {
  readonly id: Buffer
  /** Written by the owner before half of them joined. */
  readonly beforeSeq: number
  readonly afterSeq: number
}

/** Opens a stream for everybody. */
export async function openStreamScene(stage: Stage): Promise<StreamScene> {
  const { cast, world } = stage
  await greetOwner(cast)
  const observer = await openWire(world.relay, (await cast.owner.device('observer')).login())
  const opened = await Promise.all(
    actors.map(async (actor) => [actor, await openWire(world.relay, cast[actor].login())] as const),
  )
  const wires = Object.fromEntries(opened) as StreamScene['wires']
  const infos = observer.all('entries')
  const idOf = (fits: (info: chat.ConversationInfo) => boolean) =>
    infos.find(({ conversation }) => conversation && fits(conversation))?.conversationId
  const withBlocked = idOf(({ peerId }) => peerId.equals(bytesOf(cast.blocked)))
  const notices = idOf(({ kind }) => kind === 3)
  if (!withBlocked || !notices) throw new Error('the owner was not told of all conversations')
  const texts = await sayTexts(wires.owner, stage.open.id)
  const hall = await openHall(stage, wires, observer)
  const loner = bytesOf(await world.person('the.loner'))
  return { ...stage, wires, observer, withBlocked, notices, texts, hall, loner }
}

/**
 * All who may write to the owner have done so: streams are told of a new conversation when it has been
 * loaded, which may be while later commands are judged by what is told.
 */
async function greetOwner({ owner, admin, left, removed, invited, outsider }: Stage['cast']) {
  for (const person of [admin, left, removed, invited, outsider]) {
    const client = person.connect({ transient: true })
    const sent = await client.send({ userId: owner.userId }, { content: words })
    if (sent.state !== 'accepted') throw new Error(`not accepted: ${sent.state}`)
    await client.close()
  }
}

/** Everybody meets in an open group. */
async function openHall({ cast }: Stage, wires: StreamScene['wires'], observer: Wire) {
  const { owner, admin, member, left, removed, invited, blocked, outsider } = cast
  const userIds = [admin, member, left, removed].map(bytesOf)
  const made = await owner.calls.groups.create({ title: 'hall', userIds, open: true })
  const id = made.group?.conversationId ?? Buffer.alloc(0)
  const beforeSeq = await say(wires.owner, id, 'before')
  for (const late of [invited, blocked, outsider])
    await late.calls.groups.join({ conversationId: id })
  const afterSeq = await say(wires.owner, id, 'after')
  const hasIt = ({ conversationId, firstSeq, entries }: chat.Entries) =>
    conversationId.equals(id) && firstSeq + entries.length > afterSeq
  // Who writes is not told of it, so of its devices the other one.
  const readers = actors.map((actor) => (actor === 'owner' ? observer : wires[actor]))
  await Promise.all(readers.map((wire) => wire.next('entries', hasIt, patienceMs)))
  return { id, beforeSeq, afterSeq } satisfies Hall
}

/** A stream that has been told everything that was there. */
async function openWire(relay: string, login: { accessToken: string; deviceId: string }) {
  const wire = await Wire.hello(relay, login)
  await wire.next('caughtUp', () => true, patienceMs)
  return wire
}

async function sayTexts(wire: Wire, id: Buffer): Promise<StreamScene['texts']> {
  const seqs: [Actor, number][] = []
  for (const actor of actors) seqs.push([actor, await say(wire, id, `for ${actor}`)])
  return Object.fromEntries(seqs) as StreamScene['texts']
}

async function say(wire: Wire, conversationId: Buffer, text: string): Promise<number> {
  const messageId = uuidv7(systemScheduler)
  wire.write(sendOf(messageId, { conversationId }, { content: { $case: 'text', value: { text } } }))
  const answer = await wire.answer(messageId)
  if (answer.$case === 'accepted') return answer.value.seq
  throw new Error(`not accepted: ${JSON.stringify(answer.value)}`)
}

/** A number that nobody else uses. */
export function newNonce(): number {
  return randomBytes(6).readUIntBE(0, 6)
}
