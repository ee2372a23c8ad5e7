import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import { Backoff } from '@parley/service-kit'
import type { CloseStack, Logger, Scheduler, Timer } from '@parley/service-kit'
import type { Lease } from '../chores/lease.ts'
import type { CommitQueue } from '../store/commit-queue.ts'
import type { Journal } from '../store/journal.ts'
import type { AttachmentService } from '../store/tx.ts'

/** The most changes told at once. */
const changesPerCall = 500
/** How often the outbox is looked at when nothing has failed. */
const idleMs = 500

/** What delivers holds to one service. */
export interface HoldDeliveryParts {
  readonly scheduler: Scheduler
  readonly log: Logger
  readonly journal: Journal
  readonly commits: CommitQueue
  /** Delivered while it is held. */
  readonly lease: Lease
  readonly service: AttachmentService
  /** host:port of the service's internal door. */
  readonly address: string
  readonly serviceKey: string
}

/** Tells a file or image server what is held and what is let go, in order, until it answers. */
export function startHoldDelivery(parts: HoldDeliveryParts, closers: CloseStack): void {
  const metadata = keyMetadata(serviceKeyHeader, parts.serviceKey)
  const peer = openClient(common.HoldsClient, parts.address, { metadata, deadlineMs: 5_000 })
  const backoff = new Backoff(parts.scheduler, { baseMs: 250, capMs: 10_000 })
  let timer: Timer | undefined
  let isOver = false
  const again = (delayMs: number) => {
    if (!isOver) timer = parts.scheduler.setTimer(delayMs, () => void round())
  }
  const round = async () => {
    if (!parts.lease.isHeld) return again(idleMs)
    try {
      const told = await deliver(parts, (changes) => peer.call.apply({ changes }))
      backoff.reset()
      again(told === changesPerCall ? 0 : idleMs)
    } catch (err) {
      parts.log.debug({ err, service: parts.service }, 'holds wait for their service')
      again(backoff.next())
    }
  }
  again(idleMs)
  closers.push('hold delivery', () => {
    isOver = true
    timer?.cancel()
    peer.close()
  })
}

type Apply = (changes: common.HoldChange[]) => Promise<unknown>

/** Tells the oldest changes and takes them out of the outbox; returns how many. */
async function deliver(parts: HoldDeliveryParts, apply: Apply): Promise<number> {
  const { journal, commits, service } = parts
  const rows = await journal.ask('holdOutbox', { service, limit: changesPerCall })
  if (rows.length === 0) return 0
  await apply(rows.map(({ attachmentId: id, holder, held }) => ({ id, holder, held: held !== 0 })))
  // Applied twice is applied once: a crash between these two lines repeats the call.
  await commits.run({ name: 'settleHolds', input: { outboxIds: rows.map((row) => row.id) } })
  return rows.length
}
