import { first } from './0001-first.ts'
import { leasesAndKeys } from './0002-leases-and-keys.ts'
import { upgrades } from './0003-upgrades.ts'
import { pictures } from './0004-pictures.ts'
import { outboxIds } from './0005-outbox-ids.ts'
import { pictureSettings } from './0006-picture-settings.ts'
import { dissolvedGroups } from './0007-dissolved-groups.ts'

/** All migrations, in order; the database remembers how many it has seen. */
export const migrations: readonly (readonly string[])[] = [
  first,
  leasesAndKeys,
  upgrades,
  pictures,
  outboxIds,
  pictureSettings,
  dissolvedGroups,
]
