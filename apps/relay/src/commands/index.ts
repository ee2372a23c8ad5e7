import type { Script } from './script.ts'
import { ackCursors } from './ack-cursors.ts'
import { readUpTo } from './read-up-to.ts'
import { sendMessage } from './send-message.ts'

/** Every command that the journal can commit, by name. */
export const scripts = {
  sendMessage,
  ackCursors,
  readUpTo,
}

export type ScriptName = keyof typeof scripts

export type InputOf<Name extends ScriptName> =
  (typeof scripts)[Name] extends Script<infer Input, infer _Answer> ? Input : never

export type AnswerOf<Name extends ScriptName> =
  (typeof scripts)[Name] extends Script<infer _Input, infer Answer> ? Answer : never
