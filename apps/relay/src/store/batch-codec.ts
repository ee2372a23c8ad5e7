import { deserialize, serialize } from 'node:v8'
import type { SendInput } from '../commands/send-input.ts'
import type { Command } from './journal.ts'

/**
 * Hot path: a batch of commands as one buffer for the writer thread. Plain sends have a fixed layout
 * (a fifth of the cost of a structured clone, see bench/results); everything else is serialised by V8.
 *
 *   command  = u8 kind, u32 length, body
 *   kind 0   = V8 serialisation of the command
 *   kind 1   = a plain send: f64 sender, conversation, sentAtMs, replyTo, targetSeq; u8 content kind;
 *              u8 target (0 none, 1 conversation id, 2 user id), 16 bytes id; 16 client id; 16 digest; entry
 */
const numbersBytes = 5 * 8
const fixedBytes = numbersBytes + 2 + 3 * 16
const noId = new Uint8Array(16)

/** Encodes a batch into a buffer of its own, to be transferred. */
export function encodeBatch(batch: readonly Command[]): Uint8Array {
  const bodies = batch.map((command) => (isPlainSend(command) ? undefined : serialize(command)))
  const size = batch.reduce((sum, command, i) => sum + 5 + bodyBytes(command, bodies[i]), 0)
  const out = Buffer.from(new ArrayBuffer(size))
  let at = 0
  batch.forEach((command, i) => {
    const body = bodies[i]
    const length = bodyBytes(command, body)
    out[at] = body === undefined ? 1 : 0
    out.writeUInt32LE(length, at + 1)
    if (body !== undefined) out.set(body, at + 5)
    else writeSend(out, at + 5, command.input as SendInput)
    at += 5 + length
  })
  return out
}

/** Decodes what `encodeBatch` made; entries are views of the buffer. */
export function decodeBatch(bytes: Uint8Array): Command[] {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const batch: Command[] = []
  for (let at = 0; at < input.length;) {
    const length = input.readUInt32LE(at + 1)
    const body = input.subarray(at + 5, at + 5 + length)
    batch.push(
      input[at] === 1
        ? { name: 'sendMessage', input: readSend(body) }
        : (deserialize(body) as Command),
    )
    at += 5 + length
  }
  return batch
}

/** True for a send that has the fixed layout: no attachment, not forwarded. */
export function isPlainSend(command: Command): boolean {
  if (command.name !== 'sendMessage') return false
  return command.input.attachment === undefined && command.input.forwardOf === undefined
}

function bodyBytes(command: Command, body: Uint8Array | undefined): number {
  return body?.length ?? fixedBytes + (command.input as SendInput).entry.length
}

function writeSend(out: Buffer, start: number, send: SendInput): void {
  out.writeDoubleLE(send.sender, start)
  out.writeDoubleLE(send.conversation, start + 8)
  out.writeDoubleLE(send.sentAtMs, start + 16)
  out.writeDoubleLE(send.replyTo, start + 24)
  out.writeDoubleLE(send.targetSeq, start + 32)
  out[start + 40] = send.kind
  out[start + 41] = send.conversationId !== undefined ? 1 : send.peerId !== undefined ? 2 : 0
  out.set(send.conversationId ?? send.peerId ?? noId, start + 42)
  out.set(send.clientId, start + 58)
  out.set(send.digest, start + 74)
  out.set(send.entry, start + fixedBytes)
}

function readSend(body: Buffer): SendInput {
  const target = body[41]
  const targetId = body.subarray(42, 58)
  return {
    sender: body.readDoubleLE(0),
    conversation: body.readDoubleLE(8),
    sentAtMs: body.readDoubleLE(16),
    replyTo: body.readDoubleLE(24),
    targetSeq: body.readDoubleLE(32),
    kind: body[40] ?? 0,
    conversationId: target === 1 ? targetId : undefined,
    peerId: target === 2 ? targetId : undefined,
    clientId: body.subarray(58, 74),
    digest: body.subarray(74, 90),
    entry: body.subarray(fixedBytes),
    attachment: undefined,
    forwardOf: undefined,
  }
}
