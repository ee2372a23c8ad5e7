import { systemScheduler } from '@parley/service-kit'
import { journalContract } from './journal.contract.ts'
import { memoryJournal } from './memory-journal.ts'

journalContract('the journal in memory', () => {
  const failed: string[] = []
  const journal = memoryJournal(systemScheduler, (name) => void failed.push(name))
  return Promise.resolve({ journal, failed })
})
