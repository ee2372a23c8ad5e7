import type { Scheduler } from '@parley/service-kit'
import type { Endpoint } from './endpoint.ts'
import type { SendDatagram } from './members.ts'
import { wordBounds } from './parse-words.ts'
import { datagramRate } from './rates.ts'
import type { Rendezvous } from './rendezvous.ts'
import { whereAnswer } from './where-am-i.ts'

/** What hearing datagrams takes. */
export interface HearingParts {
  readonly scheduler: Scheduler
  readonly send: SendDatagram
  /** Whether clients are told where others see them. */
  readonly where: boolean
  /** The server of the seed's protocol; undefined when that is not served. */
  readonly seed: Pick<Rendezvous, 'heard'> | undefined
}

/** Takes a datagram; what is answered goes to its source alone and is never longer. */
export type Hearing = (bytes: Uint8Array, source: Endpoint) => void

/** Hears datagrams, as often as the rates allow. */
export function hearing({ scheduler, send, where, seed }: HearingParts): Hearing {
  const mayBeHeard = datagramRate()
  return (bytes, source) => {
    // Nobody is at port 0, but a datagram may say so, and what is sent there throws.
    if (source.port === 0 || bytes.length > wordBounds.datagramBytes) return
    if (!mayBeHeard(source.address, scheduler.monotonic())) return
    const here = where ? whereAnswer(bytes, source) : undefined
    if (here !== undefined) send(here, source)
    else seed?.heard(bytes, source)
  }
}
