import { delay, systemScheduler } from '@parley/service-kit'
import type { Person } from '../../harness/person.ts'
import { messageOf, text } from './messages.ts'
import type { Target } from './messages.ts'
import type { Recorder } from './recorder.ts'
import { sendTransient } from './transient.ts'

/** Somebody who sends each message by several streams at once. */
export interface RacerOptions {
  readonly person: Person
  readonly name: string
  readonly to: Target
  readonly recorder: Recorder
  readonly door: () => string
}

const pauseMs = 60

/** Sends every message twice at the same time under one id, one message after the other. */
export async function race(options: RacerOptions, signal: AbortSignal): Promise<void> {
  for (let count = 1; !signal.aborted; count += 1) {
    const message = messageOf(options.to, text(`${options.name} #${count}`))
    const never = new AbortController().signal
    await Promise.all([
      sendTransient(options, message, never),
      sendTransient(options, message, never),
    ])
    await delay(systemScheduler, pauseMs)
  }
}
