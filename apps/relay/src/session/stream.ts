import type { chat } from '@parley/proto'
import type { Engine } from './engine.ts'
import type { Outlet } from './outlet.ts'
import type { SendOrder } from './send-order.ts'
import type { Session } from './session.ts'

/** Why a stream was ended by the server, for the dialect to say in its own words. */
export interface Ended {
  readonly reason: string
  readonly message: string
}

/** What a dialect says to bytes that are no frame. */
export const malformed: Ended = { reason: 'MALFORMED', message: 'the frame cannot be decoded' }

/** What a command may use of the stream it came by. */
export interface Stream {
  readonly engine: Engine
  readonly outlet: Outlet
  readonly order: SendOrder
  /** The first frame of the hello: it says who it is. */
  hello: chat.Hello | undefined
  /** What the hello has named so far. */
  readonly cursors: chat.Cursor[]
  readonly isOver: boolean
  /** Set by the hello. */
  session: Session | undefined
  /** Ends the stream with a reason. */
  refuse(why: Ended): void
  /** The stream is gone; `clean` when the device said so. */
  ended(clean: boolean): void
}
