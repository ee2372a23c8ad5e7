import type { FaultProxy } from '../proxy/index.ts'
import type { WallClock } from './wall-clock.ts'

/** What the nemesis may lay hands on. */
export interface Victims {
  /** The process of a part, unless it is down. */
  pid(part: string): number | undefined
  kill(part: string): Promise<void>
  start(part: string): Promise<void>
  /** The way to a part, or between two. */
  way(name: string): FaultProxy | undefined
  /** The wall clock of a part, where it can be stepped. */
  clock(part: string): WallClock | undefined
  /** Clients that may be cut off or stopped reading. */
  readonly clients: readonly VictimClient[]
}

/** A client as the nemesis sees it. */
interface VictimClient {
  readonly name: string
  hangUp(): void
  pause(forMs: number): void
}
