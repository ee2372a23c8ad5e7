import { randomUUID } from 'node:crypto'
import { idBytes } from '@parley/client'
import { delay, systemScheduler } from '@parley/service-kit'
import type { Person } from '../../harness/person.ts'
import type { Recorder } from './recorder.ts'
import { isUnknown, refusalOf } from './unary.ts'

/** Somebody who asks for what others said. */
export interface SnoopOptions {
  readonly person: Person
  readonly group: string
  /** Roots of the file and the image server. */
  readonly filesUrl: string
  /** Files that others have uploaded. */
  readonly files: () => readonly string[]
  readonly recorder: Recorder
  readonly random: () => number
}

const everyMs = 600
const newestSeq = 50

/** Asks for what exists and what does not, until the signal aborts. */
export async function snoop(options: SnoopOptions, signal: AbortSignal): Promise<void> {
  const { group, files, random } = options
  while (!signal.aborted) {
    const [absent, seq] = [randomUUID(), 1 + Math.floor(random() * newestSeq)]
    for (const [id, exists] of [
      [group, true],
      [absent, false],
    ] as const) {
      await probe(options, 'messages', exists, () => messages(options, id))
      await probe(options, 'ticket', exists, () => ticket(options, id, seq))
    }
    const all = files()
    const file = all[Math.floor(random() * all.length)]
    if (file !== undefined) await probe(options, 'file', true, () => fetched(options, file))
    await probe(options, 'file', false, () => fetched(options, absent))
    await delay(systemScheduler, everyMs)
  }
}

async function messages({ person }: SnoopOptions, id: string): Promise<string> {
  const request = { conversationId: idBytes(id), limit: 10 }
  const { entries } = await person.calls.history.listMessages(request)
  return `${entries.length} entries`
}

async function ticket({ person }: SnoopOptions, id: string, seq: number): Promise<string> {
  const { url } = await person.calls.attachments.createTicket({ conversationId: idBytes(id), seq })
  return url
}

/** Refused: the answer's status; an unauthorised read has the token of a login, not a ticket. */
async function fetched({ filesUrl, person }: SnoopOptions, id: string): Promise<string> {
  const authorization = `Bearer ${person.login().accessToken}`
  const answer = await fetch(`${filesUrl}/files/${id}`, { headers: { authorization } })
  const words = await answer.text()
  if (answer.ok) return `${words.length} characters`
  throw new Refused(answer.status, words)
}

class Refused extends Error {
  readonly status: number

  constructor(status: number, words: string) {
    super(`${status} ${words}`)
    this.status = status
  }
}

async function probe(
  { recorder, person }: SnoopOptions,
  what: string,
  exists: boolean,
  ask: () => Promise<string>,
): Promise<void> {
  const note = (op: 'ok' | 'fail', answer: string) =>
    recorder.note({ user: person.userId }, { op, f: 'probe', what, exists, answer })
  try {
    note('ok', await ask())
  } catch (error) {
    if (error instanceof Refused ? error.status < 500 : !isUnknown(error)) {
      note('fail', error instanceof Refused ? error.message : refusalOf(error))
    }
  }
}
