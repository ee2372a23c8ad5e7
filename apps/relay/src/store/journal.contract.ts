import { sharedSubject } from '../testing/contract-scene.ts'
import type { JournalSubject } from '../testing/contract-scene.ts'
import { journalLeasesContract } from './journal-leases.contract.ts'
import { journalUpgradesContract } from './journal-upgrades.contract.ts'
import { journalPicturesContract } from './journal-pictures.contract.ts'
import { journalReadsContract } from './journal-reads.contract.ts'
import { journalWritesContract } from './journal-writes.contract.ts'

/** What every adapter of the port must do. */
export function journalContract(name: string, open: () => Promise<JournalSubject>): void {
  const shared = sharedSubject(open)
  journalWritesContract(name, shared)
  journalReadsContract(name, shared)
  journalPicturesContract(name, shared)
  journalLeasesContract(name, shared)
  journalUpgradesContract(name, shared)
}
