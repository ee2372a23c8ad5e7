import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export interface HoldOutboxArgs {
  /** 1 files, 2 images. */
  readonly service: number
  readonly limit: number
}

/** A hold or release that the other service has not answered. */
export interface OutboxRow {
  readonly id: number
  readonly attachmentId: string
  readonly holder: string
  readonly held: number
}

/** The oldest unanswered holds and releases for a service, in order. */
export function holdOutbox(
  db: Kysely<Tables>,
  { service, limit }: HoldOutboxArgs,
): Promise<OutboxRow[]> {
  return db
    .selectFrom('hold_outbox')
    .select(['id', 'attachment_id as attachmentId', 'holder', 'held'])
    .where('service', '=', service)
    .orderBy('id')
    .limit(limit)
    .execute()
}
