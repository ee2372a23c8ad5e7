import type { Scheduler } from '@parley/service-kit'

/** How slow a peer may be before it is cut off. */
export interface TransferPace {
  /** A peer that is waited for must move `minBytes` in each such time. */
  readonly windowMs: number
  readonly minBytes: number
  /** How often a running download's leave is looked at again. */
  readonly recheckMs: number
}

/** The pace unless an app says otherwise: about 1 KiB/s. */
export const defaultPace: TransferPace = {
  windowMs: 15_000,
  minBytes: 16 * 1024,
  recheckMs: 60_000,
}

/** What a watch looks at. */
export interface Watched {
  /** Bytes that the peer has sent or taken so far. */
  readonly movedBytes: () => number
  /** True while it is the peer that is waited for, not us. */
  readonly waitsForPeer: () => boolean
  readonly onTooSlow: () => void
}

/** Watches one transfer; `stop` must be called at its end. */
export function watchPace(scheduler: Scheduler, pace: TransferPace, watched: Watched) {
  let lastBytes = watched.movedBytes()
  const timer = scheduler.every(pace.windowMs, () => {
    const movedBytes = watched.movedBytes()
    const isSlow = movedBytes - lastBytes < pace.minBytes && watched.waitsForPeer()
    lastBytes = movedBytes
    if (isSlow) watched.onTooSlow()
  })
  return { stop: () => timer.cancel() }
}
