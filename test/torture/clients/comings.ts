import { delay, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { Device } from './device.ts'
import type { DeviceOptions } from './device.ts'

const beforeNextMs = 2_300

/** A user's only device comes and leaves with a Bye, again and again, until the signal aborts. */
export async function comeAndLeave(options: DeviceOptions, signal: AbortSignal): Promise<void> {
  const { recorder, person } = options
  while (!signal.aborted) {
    const device = new Device(options)
    try {
      await eventually(() => device.isOnline)
      recorder.note({ user: person.userId }, { op: 'info', f: 'came' })
      await delay(systemScheduler, beforeNextMs)
    } finally {
      await device.close()
    }
    recorder.note({ user: person.userId }, { op: 'info', f: 'gone', how: 'bye' })
    await delay(systemScheduler, beforeNextMs)
  }
}

/** A user's only device loses its connection and does not come again. */
export async function vanish(device: Device, options: DeviceOptions): Promise<void> {
  await device.crash()
  const { recorder, person } = options
  recorder.note({ user: person.userId }, { op: 'info', f: 'gone', how: 'crash' })
}
