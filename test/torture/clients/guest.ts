import { idBytes } from '@parley/client'
import { delay, systemScheduler } from '@parley/service-kit'
import type { Person } from '../../harness/person.ts'
import type { Device } from './device.ts'
import { messageOf, text } from './messages.ts'
import type { Recorder } from './recorder.ts'
import { isUnknown, refusalOf } from './unary.ts'

/** Somebody who is a member now and then. */
export interface GuestOptions {
  readonly owner: Person
  readonly guest: Person
  /** The guest's device that talks, also when it may not. */
  readonly device: Device
  readonly group: string
  readonly recorder: Recorder
  readonly random: () => number
}

const shortestMs = 150
const longestMs = 1_200
const most = 8

/** Joins, talks, leaves or is removed, and talks again, until the signal aborts. */
export async function comeAndGo(options: GuestOptions, signal: AbortSignal): Promise<void> {
  const { random } = options
  for (let visit = 1; !signal.aborted; visit += 1) {
    await change(options, 'invite')
    talk(options, `visit ${visit}`)
    await delay(systemScheduler, shortestMs + random() * longestMs)
    talk(options, `leaving ${visit}`)
    await change(options, random() < 0.6 ? 'remove' : 'leave')
    // Whoever is no member any more must be refused, on whatever relay.
    talk(options, `uninvited ${visit}`)
    await delay(systemScheduler, shortestMs + random() * longestMs)
  }
}

function talk({ device, group, random }: GuestOptions, when: string): void {
  const count = 1 + Math.floor(random() * most)
  for (let i = 0; i < count; i += 1) {
    device.say(messageOf({ conversationId: group }, text(`${device.name} ${when} #${i}`)))
  }
}

async function change(options: GuestOptions, what: 'invite' | 'remove' | 'leave'): Promise<void> {
  const { owner, guest, group, recorder } = options
  const asks = what === 'leave' ? guest : owner
  const told = { f: 'member', change: what, conversation: group, member: guest.userId } as const
  const who = { user: asks.userId }
  recorder.note(who, { ...told, op: 'invoke' })
  try {
    await call(asks, guest, group, what)
    recorder.note(who, { ...told, op: 'ok' })
  } catch (error) {
    if (isUnknown(error)) recorder.note(who, { ...told, op: 'info' })
    else recorder.note(who, { ...told, op: 'fail', reason: refusalOf(error) })
  }
}

async function call(asks: Person, guest: Person, group: string, what: string): Promise<void> {
  const conversationId = idBytes(group)
  const userId = idBytes(guest.userId)
  const { groups } = asks.calls
  if (what === 'invite') await groups.invite({ conversationId, userIds: [userId] })
  else if (what === 'remove') await groups.remove({ conversationId, userId })
  else await groups.leave({ conversationId })
}
