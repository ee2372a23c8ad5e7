import { idBytes, idText } from '@parley/client'
import { systemScheduler } from '@parley/service-kit'
import { Person, befriend, makeGroup } from '../../harness/person.ts'
import { Wire } from '../../harness/wire.ts'
import { messageOf, text } from './messages.ts'
import type { Recorder } from './recorder.ts'

const names = ['ann', 'bob', 'cat', 'dan', 'gus', 'uma', 'sam', 'pat', 'wes', 'vic', 'kim'] as const

/** A role of the play. */
export type Role = (typeof names)[number]

/** The people of one round, and where they meet. */
export interface Crew {
  readonly people: Readonly<Record<Role, Person>>
  /** Of ann, bob, cat, dan, uma and vic; gus comes and goes. Ann owns it. */
  readonly group: string
  /** Of ann and bob. */
  readonly direct: string
  /** Of all logs of the store. */
  readonly epoch: number
  close(): Promise<void>
}

/** Registers everybody, makes contacts, a group and a direct conversation. */
export async function assemble(server: string, round: string, recorder: Recorder): Promise<Crew> {
  const made = names.map(
    async (name) => [name, await Person.register(server, `${name}.${round}`)] as const,
  )
  const people = Object.fromEntries(await Promise.all(made)) as Record<Role, Person>
  const { ann, bob, cat, dan, gus, uma, vic, pat, kim, wes } = people
  for (const other of [bob, cat, dan, gus, uma, vic]) await befriend(ann, other)
  for (const watched of [pat, kim]) await befriend(watched, wes)
  const group = await makeGroup(ann, [bob, cat, dan, uma, vic])
  const { direct, epoch } = await beginDirect(ann, bob, recorder)
  const conversation = (id: string, kind: 'direct' | 'group', members: readonly string[]) =>
    recorder.note({}, { op: 'info', f: 'conversation', conversation: id, kind, members })
  conversation(group, 'group', [])
  conversation(direct, 'direct', [ann.userId, bob.userId])
  return {
    people,
    group,
    direct,
    epoch,
    async close() {
      await Promise.all(Object.values(people).map((person) => person.close()))
    },
  }
}

/** The first message makes the conversation; answers its id and epoch. */
async function beginDirect(one: Person, other: Person, recorder: Recorder) {
  const message = messageOf({ userId: other.userId }, text(`hello ${systemScheduler.now()}`))
  const { command, ...told } = message
  const who = { client: 'opening', user: one.userId, device: 'opening' }
  recorder.note(who, { op: 'invoke', f: 'send', ...told })
  const wire = await Wire.hello(one.server, one.login(), { transient: true })
  wire.write(command)
  const answer = await wire.answer(idBytes(message.id))
  wire.close()
  if (answer.$case !== 'accepted') throw new Error(`the opening was ${answer.$case}`)
  const { seq, duplicate } = answer.value
  const conversation = idText(answer.value.conversationId)
  recorder.note(who, { op: 'ok', f: 'send', id: message.id, conversation, seq, duplicate })
  return { direct: conversation, epoch: answer.value.epoch }
}
