import { idBytes, idText } from '@parley/client'
import { isAccepted } from '../../harness/history.ts'
import type { History, SeenEntry } from '../../harness/history.ts'
import type { Person } from '../../harness/person.ts'

const pageSize = 200

/** What a history says of the part that came after a place in it. */
export interface Since {
  /** Sends already judged. */
  sends: number
  /** Entries of each device already judged. */
  readonly devices: Map<string, number>
  /** The head that was read last. */
  head: number
}

/** A place at the beginning of a history. */
export function sinceTheBeginning(): Since {
  return { sends: 0, devices: new Map(), head: 0 }
}

/**
 * Judges what came since the last time by what is stored now, and moves the place on: what was
 * acknowledged or told to a device stands where it stood, and numbers have no gaps.
 */
export async function breachesSince(
  since: Since,
  history: History,
  reader: Person,
  conversationId: string,
): Promise<string[]> {
  // Noted before the log is read: what comes while it is read may stand behind what was read.
  const claims = [
    ...acknowledgedSince(since, history),
    ...toldSince(since, history, conversationId),
  ]
  const stored = await readFrom(reader, conversationId, since.head)
  const untrue = claims.filter(
    ({ seq, messageId }) => seq > since.head && stored.get(seq)?.messageId !== messageId,
  )
  const holes = holesIn(since.head, stored)
  since.head = Math.max(since.head, ...stored.keys())
  return [...untrue.map(({ words }) => `${words}, which is not there`), ...holes]
}

/** Something that clients were told of one place of the log. */
interface Claim {
  readonly seq: number
  readonly messageId: string
  readonly words: string
}

function acknowledgedSince(since: Since, history: History): Claim[] {
  const judged = history.sends.slice(since.sends)
  // What is still open is judged when it has its answer.
  const firstOpen = judged.findIndex(({ answers }) => answers.length === 0)
  since.sends += firstOpen < 0 ? judged.length : firstOpen
  return judged.flatMap(({ answers, messageId, body }) => {
    const accepted = answers.find(isAccepted)
    if (!accepted) return []
    const { seq } = accepted
    return [{ seq, messageId, words: `${body} was accepted as ${seq}` }]
  })
}

function toldSince(since: Since, history: History, conversationId: string): Claim[] {
  return history.devices.flatMap(({ device, entries }) => {
    const judged = entries.slice(since.devices.get(device) ?? 0)
    since.devices.set(device, entries.length)
    const ofThis = judged.filter((entry) => entry.conversationId === conversationId)
    return ofThis.map(({ seq, messageId, body }) => {
      return { seq, messageId, words: `${device} was told ${body} at ${seq}` }
    })
  })
}

function holesIn(head: number, stored: Stored): string[] {
  const seqs = [...stored.keys()].toSorted((a, b) => a - b)
  const wrong = seqs.findIndex((seq, i) => seq !== head + 1 + i)
  return wrong < 0 ? [] : [`${seqs[wrong]} stands where ${head + 1 + wrong} should be`]
}

type Stored = ReadonlyMap<number, Pick<SeenEntry, 'messageId'>>

/** Reads back what stands behind a number. */
async function readFrom(reader: Person, conversationId: string, afterSeq: number): Promise<Stored> {
  const stored = new Map<number, Pick<SeenEntry, 'messageId'>>()
  for (let beforeSeq = 0; ;) {
    const request = { conversationId: idBytes(conversationId), beforeSeq, limit: pageSize }
    const { entries, more } = await reader.calls.history.listMessages(request)
    for (const { seq, entry } of entries) {
      const id = entry?.clientMessageId
      if (seq > afterSeq) stored.set(seq, { messageId: id?.length === 16 ? idText(id) : '' })
    }
    const first = entries[0]?.seq ?? 0
    if (!more || first <= afterSeq + 1) return stored
    beforeSeq = first
  }
}
