import type { chat } from '@parley/proto'
import type { ClientBuild } from '../api.ts'
import { idBytes } from '../ids.ts'
import type { ChatStream } from './stream.ts'

/** Who says hello, and what this device has stored. */
export interface HelloParts {
  readonly accessToken: string
  readonly deviceId: string
  readonly clientName: string
  readonly transient: boolean
  readonly build: ClientBuild | undefined
  readonly cursors: readonly chat.Cursor[]
}

/** The most cursors that a server takes; conversations beyond it start where the server knows. */
const maxCursors = 10_000

const cursorsPerFrame = 1_000
const protocol = 1

/** Says hello, over as many frames as the cursors need. */
export function sendHello(stream: ChatStream, parts: HelloParts): void {
  const cursors = parts.cursors.slice(0, maxCursors)
  let sent = 0
  do {
    const part = cursors.slice(sent, sent + cursorsPerFrame)
    sent += part.length
    stream.push({ $case: 'hello', value: hello(parts, part, sent < cursors.length) })
  } while (sent < cursors.length)
}

function hello(parts: HelloParts, cursors: chat.Cursor[], more: boolean): chat.Hello {
  return {
    accessToken: parts.accessToken,
    deviceId: idBytes(parts.deviceId),
    protocolMin: protocol,
    protocolMax: protocol,
    clientName: parts.clientName,
    cursors,
    transient: parts.transient,
    more,
    build: parts.build,
  }
}
