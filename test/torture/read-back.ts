import { createHash } from 'node:crypto'
import { idBytes, idText } from '@parley/client'
import { systemScheduler, within } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import type { Person } from '../harness/person.ts'
import { Wire, helloOf } from '../harness/wire.ts'
import type { Crew, Role } from './clients/crew.ts'
import { Device } from './clients/device.ts'
import type { Recorder } from './clients/recorder.ts'
import { seenEntry } from './clients/seen-entry.ts'
import { refusalOf } from './clients/unary.ts'
import type { TortureWorld } from './world.ts'

const readLimitMs = 60_000
const fileLimitMs = 5_000
const filesAtOnce = 4
const fresh: readonly Role[] = ['ann', 'bob', 'cat', 'gus']

/** Reads everything back by new devices: all logs, on every relay, and all files. */
export async function readBack(world: TortureWorld, crew: Crew, recorder: Recorder): Promise<void> {
  await readLogs(world, crew, recorder)
  for (const [i, door] of world.doors.entries()) {
    await Promise.all(fresh.map((role) => readAfresh(crew, role, `fresh-${i}`, door, recorder)))
  }
  await readFiles(crew.people.bob, recorder)
}

/** The truth: each log from its first entry on, by somebody who may see all of it. */
async function readLogs(world: TortureWorld, crew: Crew, recorder: Recorder): Promise<void> {
  const person = await crew.people.ann.device('truth')
  const who = { user: person.userId }
  const wire = new Wire(world.balancer.address)
  wire.keepsEvents = false
  const caughtUp = new Promise<void>((resolve) => {
    wire.on((event) => {
      if (event.$case === 'caughtUp') resolve()
      if (event.$case !== 'entries') return
      const { conversationId, firstSeq: first, entries } = event.value
      const conversation = idText(conversationId)
      if (conversation !== crew.group && conversation !== crew.direct) return
      const seen = entries.map(seenEntry)
      recorder.note(who, { op: 'ok', f: 'log', conversation, first, entries: seen })
    })
  })
  const cursors = fromTheFirst(crew, ['ann'])
  wire.write({ $case: 'hello', value: helloOf(person.login(), { cursors }) })
  try {
    await within(systemScheduler, readLimitMs, 'reading all logs', caughtUp)
  } finally {
    wire.close()
  }
}

/** A new device that says it has nothing: its stream is judged as any other. */
async function readAfresh(
  crew: Crew,
  role: Role,
  name: string,
  address: string,
  recorder: Recorder,
): Promise<void> {
  const person = await crew.people[role].device(name)
  let isCaughtUp = false
  const device = new Device({
    person,
    name: `${role}-${name}`,
    recorder,
    door: () => address,
    window: 1,
    from: fromTheFirst(crew, [role]).map((cursor) => idText(cursor.conversationId)),
    epoch: crew.epoch,
    listener: (event) => {
      if (event.$case === 'caughtUp') isCaughtUp = true
    },
  })
  try {
    await eventually(() => isCaughtUp, { timeoutMs: readLimitMs, everyMs: 20 })
  } catch (cause) {
    throw new Error(`${device.name} was not caught up within ${readLimitMs / 1_000} s`, { cause })
  } finally {
    await device.close()
  }
}

function fromTheFirst({ group, direct, epoch }: Crew, roles: readonly Role[]) {
  const knowsDirect = roles.every((role) => role === 'ann' || role === 'bob')
  const conversations = knowsDirect ? [group, direct] : [group]
  return conversations.map((id) => ({ conversationId: idBytes(id), epoch, seq: 0 }))
}

async function readFiles(reader: Person, recorder: Recorder): Promise<void> {
  const logs = recorder.events.flatMap((event) => (event.f === 'log' ? [event] : []))
  const waiting = logs
    .flatMap(({ conversation, first, entries }) =>
      entries.map(({ kind, body: file }, i) => ({ kind, file, conversation, seq: first + i })),
    )
    .filter(({ kind }) => kind === 'file')
    .values()
  const line = async () => {
    // One iterator for all lines: each takes the next file that nobody has.
    for (const { file, conversation, seq } of waiting) {
      await readFile(reader, recorder, file, () => fileDigest(reader, conversation, seq))
    }
  }
  await Promise.all(Array.from({ length: filesAtOnce }, line))
}

async function readFile(
  { userId: user }: Person,
  recorder: Recorder,
  file: string,
  digestOf: () => Promise<string>,
): Promise<void> {
  try {
    const digest = await digestOf()
    recorder.note({ user }, { op: 'ok', f: 'download', file, digest })
  } catch (error) {
    recorder.note({ user }, { op: 'fail', f: 'download', file, reason: refusalOf(error) })
  }
}

async function fileDigest(reader: Person, conversation: string, seq: number): Promise<string> {
  const place = { conversationId: idBytes(conversation), seq }
  const { ticket, url } = await reader.calls.attachments.createTicket(place)
  const headers = { Authorization: `Bearer ${ticket}` }
  const signal = AbortSignal.timeout(fileLimitMs)
  const answer = await fetch(url, { headers, signal })
  if (answer.status !== 200) throw new Error(`the file server answered ${answer.status}`)
  return createHash('sha256')
    .update(Buffer.from(await answer.arrayBuffer()))
    .digest('hex')
}
