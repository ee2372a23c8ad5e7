import { within } from '@parley/service-kit'
import type { CloseStack, Logger, Scheduler, Timer } from '@parley/service-kit'
import type { CommitQueue } from '../store/commit-queue.ts'

/** How long a lease lasts: so long nobody does the work when its holder dies. */
export const leaseMs = 30_000
/** How often its holder renews it. */
export const renewMs = 10_000
/** How often the others look whether it is free. */
export const lookMs = 5_000
/** How often it is asked for while the store does not answer. */
const retryMs = 1_000
/** How long letting it go may take. */
const farewellMs = 2_000

/** What a lease is held with. */
export interface LeaseParts {
  readonly scheduler: Scheduler
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly commits: Pick<CommitQueue, 'run'>
  readonly name: string
  readonly holder: string
}

/** The right to do what only one relay does at a time. */
export interface Lease {
  /** False from the moment at which another may have it. */
  readonly isHeld: boolean
}

/** Takes the lease as soon as it is free, keeps it, and lets it go at the end. */
export function holdLease(parts: LeaseParts, closers: CloseStack): Lease {
  const { scheduler, log, commits, name, holder } = parts
  let heldUntilMs = Number.NEGATIVE_INFINITY
  let timer: Timer | undefined
  let isOver = false
  const isHeld = () => scheduler.monotonic() < heldUntilMs
  const ask = async (forMs: number): Promise<boolean | undefined> => {
    const outcome = await commits.run({ name: 'takeLease', input: { name, holder, forMs } })
    return outcome.ok ? outcome.answer : undefined
  }
  const turn = async () => {
    // Counted from before the question: the store counts from after it.
    const askedAtMs = scheduler.monotonic()
    const wasHeld = isHeld()
    const answer = await ask(leaseMs).catch((err: unknown) => {
      log.warn({ err, name }, 'a lease waits for the store')
      return undefined
    })
    if (isOver) return
    if (answer === true) heldUntilMs = askedAtMs + leaseMs
    if (answer === false) heldUntilMs = Number.NEGATIVE_INFINITY
    if (isHeld() !== wasHeld) log.info({ name, isHeld: isHeld() }, 'a lease has changed hands')
    const againMs = answer === undefined ? retryMs : answer ? renewMs : lookMs
    timer = scheduler.setTimer(againMs, () => void turn())
  }
  void turn()
  closers.push('lease', async () => {
    isOver = true
    timer?.cancel()
    heldUntilMs = Number.NEGATIVE_INFINITY
    // After a question that is under way, if there is one. What is not let go ends by itself.
    await within(scheduler, farewellMs, 'letting a lease go', ask(0)).catch(() => undefined)
  })
  return {
    get isHeld() {
      return isHeld()
    },
  }
}
