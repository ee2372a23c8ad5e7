import { deserialize, serialize } from 'node:v8'
import type { SendAnswer } from '../commands/send-input.ts'
import type { Command, Outcome } from './journal.ts'
import { noEffects } from './journal.ts'
import { isPlainSend } from './batch-codec.ts'

/**
 * Hot path: the outcomes of a batch as one buffer, in the order of its commands.
 *
 *   outcome = u8 kind, u32 length, body
 *   kind 0  = V8 serialisation of the outcome
 *   kind 1  = a plain send that was stored, and nothing else changed: f64 conversation, epoch, seq,
 *             sentAtMs; 16 bytes conversation id. Its entry is the one that was sent.
 *   kind 2  = the same for a duplicate
 */
const storedBytes = 4 * 8 + 16

/** Encodes outcomes, at most one for each command, into a buffer of its own, to be transferred. */
export function encodeOutcomes(
  batch: readonly Command[],
  outcomes: readonly Outcome[],
): Uint8Array {
  const bodies = outcomes.map((outcome, i) =>
    isPlainlyStored(batch[i], outcome) ? undefined : serialize(outcome),
  )
  const size = bodies.reduce((sum, body) => sum + 5 + (body?.length ?? storedBytes), 0)
  const out = Buffer.from(new ArrayBuffer(size))
  let at = 0
  outcomes.forEach((outcome, i) => {
    const body = bodies[i]
    const length = body?.length ?? storedBytes
    out[at] = body !== undefined ? 0 : outcome.ok && outcome.duplicate ? 2 : 1
    out.writeUInt32LE(length, at + 1)
    if (body !== undefined) out.set(body, at + 5)
    else if (outcome.ok) writeStored(out, at + 5, outcome.answer as SendAnswer)
    at += 5 + length
  })
  return out
}

/** Decodes what `encodeOutcomes` made of the outcomes of this batch, as many as there were. */
export function decodeOutcomes(batch: readonly Command[], bytes: Uint8Array): Outcome[] {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const outcomes: Outcome[] = []
  for (let at = 0; at < input.length;) {
    const length = input.readUInt32LE(at + 1)
    const body = input.subarray(at + 5, at + 5 + length)
    const kind = input[at] ?? 0
    const command = batch[outcomes.length]
    outcomes.push(kind === 0 ? (deserialize(body) as Outcome) : stored(command, body, kind === 2))
    at += 5 + length
  }
  return outcomes
}

function isPlainlyStored(command: Command | undefined, outcome: Outcome): boolean {
  if (command === undefined || !outcome.ok || !isPlainSend(command)) return false
  const { entries, stays, ended, contacts, profiles } = outcome.effects
  if (stays.length + ended.length + contacts.length + profiles.length > 0) return false
  return entries.length === (outcome.duplicate ? 0 : 1)
}

function writeStored(out: Buffer, start: number, answer: SendAnswer): void {
  out.writeDoubleLE(answer.conversation, start)
  out.writeDoubleLE(answer.epoch, start + 8)
  out.writeDoubleLE(answer.seq, start + 16)
  out.writeDoubleLE(answer.sentAtMs, start + 24)
  out.set(answer.conversationId, start + 32)
}

function stored(command: Command | undefined, body: Buffer, duplicate: boolean): Outcome {
  if (command?.name !== 'sendMessage') throw new Error('only sends are plainly stored')
  const { sender, entry } = command.input
  const answer: SendAnswer = {
    conversation: body.readDoubleLE(0),
    epoch: body.readDoubleLE(8),
    seq: body.readDoubleLE(16),
    sentAtMs: body.readDoubleLE(24),
    conversationId: body.subarray(32, 48),
  }
  if (duplicate) return { ok: true, answer, duplicate, effects: noEffects }
  const { conversation, seq } = answer
  const effects = { ...noEffects, entries: [{ conversation, seq, sender, entry }] }
  return { ok: true, answer, duplicate, effects }
}
