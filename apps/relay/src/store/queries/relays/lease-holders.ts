import type { Kysely } from 'kysely'
import type { Tables } from '../../tables.ts'

/** Who took a lease last, whether it is held still or not. */
export interface LeaseHolder {
  readonly name: string
  readonly holder: string
}

/** The holders of these leases, those left out that nobody ever took; ask for 1,000 at most. */
export async function leaseHolders(
  db: Kysely<Tables>,
  { names }: { readonly names: readonly string[] },
): Promise<LeaseHolder[]> {
  return db
    .selectFrom('leases')
    .select(['name', 'holder'])
    .where('name', 'in', [...names])
    .execute()
}
