import { isAppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Timer } from '@parley/service-kit'
import { carryOut } from './commands/index.ts'
import { hello, HelloRefused } from './commands/hello.ts'
import type { Engine } from './engine.ts'
import { framed } from './frames.ts'
import { maxQueuedControls, recheckMs } from './connection-limits.ts'
import { Inbox, maxCommandsPerFrame } from './inbox.ts'
import type { Command } from './inbox.ts'
import type { Outlet } from './outlet.ts'
import { SendOrder } from './send-order.ts'
import type { Session } from './session.ts'
import type { Ended, Stream } from './stream.ts'

/** One stream of a device from its first byte to its last, in any dialect. */
export class Connection implements Stream {
  readonly engine: Engine
  readonly outlet: Outlet
  readonly order: SendOrder
  readonly openedAtMs: number
  hello: chat.Hello | undefined
  readonly cursors: chat.Cursor[] = []
  session: Session | undefined
  readonly #inbox: Inbox
  readonly #refuse: (why: Ended) => void
  #wake: Timer | undefined
  #proceedsSoon = false
  #isOver = false

  /** `refuse` ends the stream with an error that the device can understand. */
  constructor(engine: Engine, outlet: Outlet, refuse: (why: Ended) => void) {
    this.engine = engine
    this.outlet = outlet
    this.#refuse = refuse
    this.openedAtMs = engine.scheduler.monotonic()
    this.order = new SendOrder(
      () => this.#inbox.proceed(),
      () => this.#proceedSoon(),
    )
    this.#inbox = new Inbox({
      carryOut: (command) => this.#carryOut(command),
      pauseBefore: (command) => this.#pauseBefore(command),
      inFlight: () => this.order.inFlight,
      pause: () => outlet.pause(),
      resume: () => outlet.resume(),
      wakeAfter: (ms) => this.#wakeAfter(ms),
      failed: (error) => this.#failed(error),
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Takes a frame from the device. */
  frame(request: chat.ConnectRequest): void {
    if (this.#isOver) return
    if (this.session !== undefined) this.session.heardAtMs = this.engine.scheduler.monotonic()
    if (request.commands.length > maxCommandsPerFrame) {
      this.refuse({ reason: 'FRAME_TOO_LARGE', message: 'a frame holds at most 20,000 commands' })
      return
    }
    this.#inbox.take(request.commands)
  }

  /** The device has taken something of what was written. */
  advanced(): void {
    this.session?.advanced()
  }

  /** The device has room again. */
  drained(): void {
    this.session?.drained()
  }

  /** The stream is gone; `clean` when the device said so. */
  ended(clean: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#inbox.close()
    this.#wake?.cancel()
    if (this.session === undefined) return
    this.session.destroy()
    this.engine.hub.remove(this.session, clean)
  }

  /** Ends the stream with a reason. */
  refuse(why: Ended): void {
    if (this.#isOver) return
    this.#refuse(why)
    this.ended(false)
  }

  #carryOut(command: Command): Promise<void> | undefined {
    if (command.$case === 'hello') return hello(this, command.value)
    if (this.session === undefined) {
      this.refuse({ reason: 'HELLO_FIRST', message: 'the first command of a stream is Hello' })
      return undefined
    }
    // A replaced session sends nothing more: its device goes on by another stream, in its own order.
    if (this.session.isOver) return undefined
    return carryOut(this, this.session, command)
  }

  #pauseBefore(command: Command): number {
    const { session } = this
    if (session === undefined) return 0
    if (session.queuedControls >= maxQueuedControls) return recheckMs
    const pauseMs = this.#overRate(command, session.identity.user)
    if (pauseMs > 0 && this.#wake === undefined) {
      session.tell(framed({ $case: 'throttle', value: { pauseMs } }))
    }
    return pauseMs
  }

  /** Milliseconds until the user may send or signal so much more. */
  #overRate({ $case }: Command, user: number): number {
    const { rates, scheduler } = this.engine
    switch ($case) {
      case 'send':
        return rates.take(user, scheduler.monotonic())
      case 'typing':
      case 'direct':
      case 'setStatus':
      case 'watch':
        return rates.signal(user, $case, scheduler.monotonic())
      default:
        return 0
    }
  }

  #proceedSoon(): void {
    if (this.#proceedsSoon) return
    this.#proceedsSoon = true
    this.engine.scheduler.soon(() => {
      this.#proceedsSoon = false
      this.#inbox.proceed()
    })
  }

  #wakeAfter(ms: number): void {
    if (this.#wake !== undefined || this.#isOver) return
    this.#wake = this.engine.scheduler.setTimer(ms, () => {
      this.#wake = undefined
      // It is not the device that is silent when nobody listens to it.
      if (this.session !== undefined) this.session.heardAtMs = this.engine.scheduler.monotonic()
      this.#inbox.proceed()
    })
  }

  #failed(error: unknown): void {
    if (error instanceof HelloRefused || isAppError(error)) {
      this.refuse(error)
      return
    }
    this.engine.events.sessionFailed(this.session?.identity.userId, error)
    this.refuse({ reason: 'INTERNAL', message: 'the stream failed; connect again' })
  }
}
