import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import type { CloseStack, Logger, Scheduler, Timer } from '@parley/service-kit'
import type { Lease } from '../chores/lease.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'
import type { OutboxRow } from '../store/queries/hold-outbox.ts'
import type { AttachmentService } from '../store/tx.ts'
import { HoldTarget, changesPerCall } from './hold-target.ts'

/** How often the outbox is looked at when nothing has failed. */
const idleMs = 500
/** How far ahead of a server that does not answer the others may be. */
const maxAhead = 5_000
/** The most ids in one line of the log. */
const maxIdsLogged = 10

/** What delivers holds to the servers of one service. */
export interface HoldDeliveryParts {
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly journal: Journal
  readonly commits: CommitQueue
  /** Delivered while it is held. */
  readonly lease: Lease
  readonly service: AttachmentService
  /** host:port of the internal door of each of its servers. */
  readonly addresses: readonly string[]
  readonly serviceKey: string
}

/**
 * Tells every file or image server what is held and what is let go, in order, until all have
 * answered: each passes over what is not its own.
 */
export function startHoldDelivery(parts: HoldDeliveryParts, closers: CloseStack): void {
  const targets = parts.addresses.map((address) => openTarget(parts, address, closers))
  let timer: Timer | undefined
  let isOver = false
  const again = (delayMs: number) => {
    if (!isOver) timer = parts.scheduler.setTimer(delayMs, () => void round())
  }
  const round = async () => {
    // Another relay delivers meanwhile. What is in the outbox after that is told again, in its order.
    if (!parts.lease.isHeld) {
      for (const target of targets) target.forget()
      return again(idleMs)
    }
    try {
      again(await deliver(parts, targets))
    } catch (err) {
      parts.log.debug({ err, service: parts.service }, 'the outbox of holds waits for the store')
      again(idleMs)
    }
  }
  again(idleMs)
  closers.push('hold delivery', () => {
    isOver = true
    timer?.cancel()
  })
}

function openTarget(parts: HoldDeliveryParts, address: string, closers: CloseStack): HoldTarget {
  const metadata = keyMetadata(serviceKeyHeader, parts.serviceKey)
  const peer = openClient(common.HoldsClient, address, { metadata, deadlineMs: 5_000 })
  closers.push(`holds of ${address}`, () => peer.close())
  const changeOf = ({ attachmentId: id, holder, held }: OutboxRow) => ({
    id,
    holder,
    held: held !== 0,
  })
  const tell = (rows: readonly OutboxRow[], complete: boolean) =>
    peer.call.apply({ changes: rows.map(changeOf), complete })
  return new HoldTarget(address, tell, parts.scheduler)
}

/** Tells everybody who can be told, and answers when to go on. */
async function deliver(parts: HoldDeliveryParts, targets: readonly HoldTarget[]): Promise<number> {
  const waitMs = Math.min(...targets.map((target) => target.waitMs()))
  if (waitMs > 0) return waitMs
  const ahead = Math.max(...targets.map((target) => target.ahead))
  const limit = Math.min(changesPerCall + ahead, maxAhead)
  const rows = await parts.journal.ask('holdOutbox', { service: parts.service, limit })
  // The answer is old when this process was stopped meanwhile: another relay has told newer changes, and
  // an old hold, told after its release, would never end. A call on its way is not stopped by this.
  if (!parts.lease.isHeld) return idleMs
  const isAll = rows.length < limit
  const told = await Promise.all(targets.map((target) => tell(parts, target, rows, isAll)))
  await settle(parts, targets, rows)
  return Math.max(...told) === changesPerCall ? 0 : idleMs
}

async function tell(
  { log, service }: HoldDeliveryParts,
  target: HoldTarget,
  rows: readonly OutboxRow[],
  isAll: boolean,
): Promise<number> {
  if (target.waitMs() > 0) return 0
  const { address: server, isLate: wasLate } = target
  try {
    const count = await target.catchUp(rows, isAll)
    if (wasLate && !target.isLate) log.info({ service, server }, 'a server hears of holds again')
    return count
  } catch (err) {
    log.debug({ err, service, server }, 'holds wait for a server')
    // It collects nothing meanwhile, and nor does who has to wait for it.
    if (target.isLate && !wasLate) {
      log.warn({ err, service, server }, 'a server has not heard of holds for a minute')
    }
    return 0
  }
}

/** Takes out of the outbox what everybody has been told. */
async function settle(
  parts: HoldDeliveryParts,
  targets: readonly HoldTarget[],
  rows: readonly OutboxRow[],
): Promise<void> {
  const isDone = (row: OutboxRow) => targets.every((target) => target.hasBeenTold(row))
  const done = rows.filter(isDone).slice(0, changesPerCall)
  if (done.length > 0) {
    // Applied twice is applied once: a crash before this line repeats the calls.
    const input = { outboxIds: done.map((row) => row.id) }
    await parts.commits.run({ name: 'settleHolds', input })
    warnOfMissing(parts, targets, done)
  }
  const gone = new Set(done)
  for (const target of targets) target.keep(rows.filter((row) => !gone.has(row)))
}

// An entry, a picture or a package names what no server has (any more).
function warnOfMissing(
  { log, service }: HoldDeliveryParts,
  targets: readonly HoldTarget[],
  rows: readonly OutboxRow[],
): void {
  const isLacking = (row: OutboxRow) => targets.every((target) => target.lacks(row))
  const missing = rows.filter((row) => row.held !== 0 && isLacking(row))
  if (missing.length === 0) return
  const ids = missing.slice(0, maxIdsLogged).map((row) => row.attachmentId)
  log.warn({ service, count: missing.length, ids }, 'what is to be held is at no server')
}
