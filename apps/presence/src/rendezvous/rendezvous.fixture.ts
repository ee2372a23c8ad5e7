import { CloseStack, createLogger, systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { onTestFinished } from 'vitest'
import { logEvents } from '../events.ts'
import type { NameBook } from './name-book.ts'
import { openRendezvous } from './open-rendezvous.ts'

/** Names in memory: registered ones with their passwords. */
export class MemoryNameBook implements NameBook {
  readonly passwords = new Map<string, string>()
  /** How often it was asked. */
  asked = 0
  /** Set when it cannot be asked. */
  failure: Error | undefined

  check({ name, password }: { name: string; password: string }) {
    this.asked += 1
    if (this.failure !== undefined) return Promise.reject(this.failure)
    const known = this.passwords.get(name.toLowerCase())
    if (known === undefined) return Promise.resolve('free' as const)
    return Promise.resolve(known === password ? ('confirmed' as const) : ('taken' as const))
  }
}

/** An open rendezvous on a free port of all loopback addresses, closed when the test ends. */
export async function setup(scheduler: Scheduler = systemScheduler, host = '0.0.0.0') {
  const names = new MemoryNameBook()
  const closers = new CloseStack()
  onTestFinished(() => closers.close())
  const events = logEvents(createLogger('presence', 'silent'))
  const at = { host, port: 0, allowPlaintext: true, where: true }
  const address = await openRendezvous({ ...at, scheduler, names, events }, closers)
  return { names, port: Number(address.split(':').at(-1)), address, close: () => closers.close() }
}
