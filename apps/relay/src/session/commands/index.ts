import { framed } from '../frames.ts'
import type { Command } from '../inbox.ts'
import type { Stream } from '../stream.ts'
import type { Session } from '../session.ts'
import { ack } from './ack.ts'
import { direct } from './direct.ts'
import { pull } from './pull.ts'
import { read } from './read.ts'
import { renew } from './renew.ts'
import { send } from './send.ts'
import { typing } from './typing.ts'

/** Carries out one command of an open session; a promise means: nothing else before it is settled. */
export function carryOut(
  stream: Stream,
  session: Session,
  command: Exclude<Command, { $case: 'hello' }>,
): Promise<void> | undefined {
  const { engine } = stream
  switch (command.$case) {
    case 'send':
      return send(stream, session, command.value)
    case 'ack':
      return ack(engine, session, command.value)
    case 'read':
      return read(engine, session, command.value)
    case 'pull':
      return pull(session, command.value)
    case 'typing':
      return typing(engine, session, command.value)
    case 'direct':
      return direct(engine, session, command.value)
    case 'renew':
      return renew(stream, session, command.value)
    case 'watch':
      return engine.presence.watch(session, command.value.userIds, command.value.contacts)
    case 'setStatus':
      engine.presence.setAvailability(session, command.value.availability)
      return undefined
    case 'ping':
      session.tell(pong(command.value.nonce, engine.scheduler.now()))
      return undefined
    case 'bye':
      session.end()
      stream.ended(true)
      return undefined
  }
}

function pong(nonce: number, serverTimeMs: number) {
  return framed({ $case: 'pong', value: { nonce, serverTimeMs } })
}
