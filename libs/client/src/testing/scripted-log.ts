import { randomBytes } from 'node:crypto'
import { chat } from '@parley/proto'

/** One conversation as the scripted relay has it. */
export interface ScriptedConversation {
  readonly id: Buffer
  epoch: number
  entries: chat.Entry[]
}

/** What was appended, or had been before. */
export interface Appended {
  readonly conversation: ScriptedConversation
  readonly seq: number
  readonly sentAtMs: number
  readonly duplicate: boolean
}

/** Logs that deduplicate as a relay does. Everybody is a member everywhere. */
export class ScriptedLog {
  readonly conversations = new Map<string, ScriptedConversation>()
  readonly #byClientId = new Map<string, Omit<Appended, 'duplicate'>>()
  readonly #direct = new Map<string, ScriptedConversation>()

  open(id: Buffer = randomBytes(16)): ScriptedConversation {
    const conversation = { id, epoch: 1, entries: [] }
    this.conversations.set(id.toString('hex'), conversation)
    return conversation
  }

  find(id: Buffer): ScriptedConversation | undefined {
    return this.conversations.get(id.toString('hex'))
  }

  /** The conversation of a send; undefined when there is no such one. */
  target(send: chat.Send, senderId: Buffer): ScriptedConversation | undefined {
    if (send.target?.$case !== 'userId') return this.find(send.target?.value ?? Buffer.alloc(0))
    const pair = [send.target.value, senderId]
      .map((id) => id.toString('hex'))
      .toSorted()
      .join()
    const known = this.#direct.get(pair) ?? this.open()
    this.#direct.set(pair, known)
    return known
  }

  /** Whether the message is stored already. */
  has(send: chat.Send): boolean {
    return this.#byClientId.has(send.clientMessageId.toString('hex'))
  }

  append(conversation: ScriptedConversation, sender: Buffer, send: chat.Send): Appended {
    const key = send.clientMessageId.toString('hex')
    const known = this.#byClientId.get(key)
    if (known) return { ...known, duplicate: true }
    const sentAtMs = Date.now()
    conversation.entries.push(
      chat.Entry.fromPartial({
        senderId: sender,
        senderName: sender.toString('hex').slice(0, 4),
        clientMessageId: send.clientMessageId,
        sentAtMs,
        content: send.content,
        replyToSeq: send.replyToSeq,
      }),
    )
    const appended = { conversation, seq: conversation.entries.length, sentAtMs }
    this.#byClientId.set(key, appended)
    return { ...appended, duplicate: false }
  }

  /** Writes an entry as somebody else would. */
  write(conversation: ScriptedConversation, text: string, sender = randomBytes(16)): number {
    const content = { content: { $case: 'text' as const, value: { text } } }
    const clientMessageId = randomBytes(16)
    const send = chat.Send.fromPartial({ clientMessageId, content })
    return this.append(conversation, sender, send).seq
  }
}
