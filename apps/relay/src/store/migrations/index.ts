import { first } from './0001-first.ts'
import { leasesAndKeys } from './0002-leases-and-keys.ts'

/** All migrations, in order; the database remembers how many it has seen. */
export const migrations: readonly (readonly string[])[] = [first, leasesAndKeys]
