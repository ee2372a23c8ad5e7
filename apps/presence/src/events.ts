import type { Logger } from '@parley/service-kit'
import type { LostRelay } from './domain/leases.ts'

/** The facts that presence tells its operators, each told here only. */
export interface Events {
  relayReports(relay: string, peer: string): void
  relayLost(lost: LostRelay): void
  stoodStill(lateMs: number): void
  devicesRefused(count: number): void
  busReturned(): void
  /** A client of the seed's protocol was not let in, or not left in. */
  rendezvousRefused(address: string, why: string): void
  /** So many clients of the seed's protocol are in now. */
  rendezvousChanged(members: number): void
}

/** Tells the facts to the log. */
export function logEvents(log: Logger): Events {
  return {
    relayReports: (relay, peer) => log.info({ relay, peer }, 'relay reports'),
    relayLost: ({ relay, sessions }) =>
      log.warn({ relay, sessions }, 'relay was not heard of in time'),
    stoodStill: (lateMs) => log.warn({ lateMs }, 'process stood still, leases last longer'),
    devicesRefused: (count) => log.warn({ count }, 'devices not taken in, a bound is reached'),
    busReturned: () => log.info('bus is back'),
    rendezvousRefused: (address, why) => log.debug({ address, why }, 'rendezvous refused a client'),
    rendezvousChanged: (members) => log.debug({ members }, 'rendezvous members changed'),
  }
}
