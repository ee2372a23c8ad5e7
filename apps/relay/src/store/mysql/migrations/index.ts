import { first } from './0001-first.ts'
import { leasesAndKeys } from './0002-leases-and-keys.ts'
import { upgrades } from './0003-upgrades.ts'
import { pictures } from './0004-pictures.ts'
import { pictureSettings } from './0005-picture-settings.ts'
import { dissolvedGroups } from './0006-dissolved-groups.ts'

/**
 * All migrations, in order; the database remembers how many it has seen. One that was interrupted is
 * begun again: a table that is there is kept, and a statement that adds a column or an index does
 * nothing else, so that it may find it there.
 */
export const mysqlMigrations: readonly (readonly string[])[] = [
  first,
  leasesAndKeys,
  upgrades,
  pictures,
  pictureSettings,
  dissolvedGroups,
]
