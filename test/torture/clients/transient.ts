import { delay, systemScheduler } from '@parley/service-kit'
import type { Person } from '../../harness/person.ts'
import { Wire, helloOf } from '../../harness/wire.ts'
import type { EventCase } from '../../harness/wire.ts'
import type { Message } from './device.ts'
import { heard } from './heard.ts'
import type { Happening, Recorder } from './recorder.ts'

/** Who sends by short streams. */
export interface TransientOptions {
  readonly person: Person
  /** Unique over the history; messages of one name must not overlap. */
  readonly name: string
  readonly recorder: Recorder
  readonly door: () => string
}

const attemptLimitMs = 10_000
const retryMs = 100
let sessions = 0

/** Sends one message by transient streams until it is accepted or refused; answers which. */
export async function sendTransient(
  options: TransientOptions,
  message: Message,
  signal: AbortSignal,
): Promise<'accepted' | 'refused' | 'unknown'> {
  while (!signal.aborted) {
    const outcome = await attempt(options, message)
    if (outcome !== 'unknown') return outcome
    await delay(systemScheduler, retryMs)
  }
  return 'unknown'
}

async function attempt(options: TransientOptions, message: Message) {
  const { person, name, recorder } = options
  sessions += 1
  const session = `${name}/t${sessions}`
  const { userId, deviceId } = person.login()
  const note = (happening: Happening) =>
    recorder.note({ client: name, user: userId, device: deviceId, session }, happening)
  note({ op: 'invoke', f: 'connect', transient: true, cursors: {} })
  const wire = new Wire(options.door())
  wire.keepsEvents = false
  const limit = systemScheduler.setTimer(attemptLimitMs, () => wire.close())
  let invoked = false
  const answered = new Promise<EventCase>((resolve) => {
    wire.on((event) => {
      if (event.$case === 'welcome') {
        note({ op: 'ok', f: 'connect' })
        const { command, ...told } = message
        invoked = true
        note({ op: 'invoke', f: 'send', ...told })
        wire.write(command)
      }
      if (isAnswer(event)) resolve(event)
    })
  })
  wire.write({ $case: 'hello', value: helloOf(person.login(), { transient: true }) })
  const event = await Promise.race([answered, wire.ended.then(() => undefined)])
  limit.cancel()
  const outcome = noteAnswer(note, message.id, invoked ? event : null)
  wire.close()
  note({ op: 'info', f: 'closed', why: event ? 'done' : 'lost' })
  return outcome
}

/** Notes what became of an attempt; null: it was not made. */
function noteAnswer(
  note: (happening: Happening) => void,
  id: string,
  event: EventCase | undefined | null,
): 'accepted' | 'refused' | 'unknown' {
  if (event === null) return 'unknown'
  const happening = event && heard(event)
  note(happening ?? { op: 'info', f: 'send', id, why: 'the stream ended' })
  const kind = event?.$case
  return kind === 'accepted' || kind === 'refused' ? kind : 'unknown'
}

function isAnswer({ $case: kind }: EventCase): boolean {
  return kind === 'accepted' || kind === 'refused' || kind === 'unresolved'
}
