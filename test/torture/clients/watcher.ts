import { idBytes, idText } from '@parley/client'
import { chat } from '@parley/proto'
import type { EventCase } from '../../harness/wire.ts'
import { Device } from './device.ts'
import type { DeviceOptions } from './device.ts'

const states = new Map<number, string>(
  Object.entries(chat.Availability).map(([name, value]) => [value, name.toLowerCase()]),
)

/** A device that follows the presence of these users and notes what it is told. */
export function watcher(options: DeviceOptions, userIds: readonly string[]): Device {
  const watch = { userIds: userIds.map((id) => Buffer.from(idBytes(id))), contacts: false }
  const device = new Device({
    ...options,
    listener(event: EventCase) {
      if (event.$case === 'caughtUp') {
        for (const of of userIds) device.note({ op: 'invoke', f: 'watch', of })
        device.write({ $case: 'watch', value: watch })
      }
      if (event.$case !== 'presenceChanged') return
      for (const { userId, availability } of event.value.users) {
        const state = states.get(availability) ?? String(availability)
        device.note({ op: 'ok', f: 'presence', of: idText(userId), state })
      }
    },
  })
  return device
}
