import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { idText } from '@parley/client'
import type { ClientEvent } from '@parley/client'
import type { chat } from '@parley/proto'
import { readIfThere, writeFileDurably } from '@parley/service-kit'
import type { SaidMessage } from './talk.ts'

const keptLines = 1_000
const maxLines = 2 * keptLines

/**
 * Which messages of accounts were shown in LAN mode, so that the relay's copy is not shown again: the
 * same id, account and words. Beyond 2,000 the older half is forgotten.
 */
export class ShownInLan {
  readonly #path: string
  #readVersion = ''
  #shown: ReadonlySet<string> = new Set()

  constructor(home: string) {
    this.#path = join(home, 'lan-shown.txt')
  }

  /** Remembers that a message was shown whose sender is this account, as far as the user says. */
  async add(userId: string, { messageId, text }: SaidMessage): Promise<void> {
    const lines = linesOf((await readIfThere(this.#path)) ?? '')
    const line = lineOf(messageId, userId, text)
    if (lines.length < maxLines) return appendFile(this.#path, `${line}\n`, { mode: 0o600 })
    const kept = [...lines.slice(-keptLines + 1), line]
    await writeFileDurably(this.#path, kept.map((each) => `${each}\n`).join(''))
  }

  /** The event, with those of its entries named that were shown before. */
  mark(event: ClientEvent): ClientEvent {
    if (event.type !== 'entries') return event
    this.#readAgain()
    if (this.#shown.size === 0) return event
    const { firstSeq, entries, shownSeqs = [] } = event
    const seqs = entries.flatMap((entry, at) => (this.#has(entry) ? [firstSeq + at] : []))
    return seqs.length === 0 ? event : { ...event, shownSeqs: [...shownSeqs, ...seqs] }
  }

  #has({ clientMessageId, senderId, content }: chat.Entry): boolean {
    if (content?.content?.$case !== 'text') return false
    const { text } = content.content.value
    return this.#shown.has(lineOf(idText(clientMessageId), idText(senderId), text))
  }

  // Another process may be the one that shows: what it has written since is read.
  #readAgain(): void {
    try {
      const { size, mtimeMs } = statSync(this.#path)
      // All lines are of one length: when the older half was dropped the same size comes again.
      const version = `${size} ${mtimeMs}`
      if (version === this.#readVersion) return
      this.#shown = new Set(linesOf(readFileSync(this.#path, 'utf8')))
      this.#readVersion = version
    } catch {
      // Nothing was ever shown in LAN mode, or nobody can tell: then it is shown again.
      this.#shown = new Set()
      this.#readVersion = ''
    }
  }
}

function lineOf(messageId: string, userId: string, text: string): string {
  return `${messageId} ${userId} ${createHash('sha256').update(text).digest('base64')}`
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
