import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { afterAll, beforeAll } from 'vitest'
import { journalContract } from '../journal.contract.ts'
import { openMysqlJournal } from './mysql-journal.ts'

let mariadb: Mariadb
beforeAll(async () => void (mariadb = await startMariadb()))
afterAll(() => mariadb.close())

async function openOn(url: string) {
  const failed: string[] = []
  const journal = await openMysqlJournal({
    url,
    events: {
      failed: (command) => void failed.push(command),
      lost: (code) => void failed.push(code),
      fatal: (error) => void failed.push(error.message),
      waiting: (code) => void failed.push(code),
      warned: (words) => void failed.push(words),
    },
  })
  return { journal, failed }
}

journalContract('the journal on MariaDB', () => openOn(mariadb.freshUrl()))
