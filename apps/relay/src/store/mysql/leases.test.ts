import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { must } from '../../testing/journal-cast.ts'
import { leaseTimesContract } from '../journal-leases.contract.ts'
import { openMysqlJournal } from './mysql-journal.ts'

let mariadb: Mariadb
beforeAll(async () => void (mariadb = await startMariadb()))
afterAll(() => mariadb.close())

const nothing = () => undefined
const events = { failed: nothing, lost: nothing, fatal: nothing, waiting: nothing, warned: nothing }

leaseTimesContract('MariaDB', async () => {
  return { journal: await openMysqlJournal({ url: mariadb.freshUrl(), events }), failed: [] }
})

test('of two relays that want the same new lease at the same time, one gets it', async () => {
  const url = mariadb.freshUrl()
  const journals = await Promise.all([1, 2].map(() => openMysqlJournal({ url, events })))
  for (const journal of journals) onTestFinished(() => journal.close())
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(
      journals.map((journal, index) =>
        must(journal, 'takeLease', { name: `n${round}`, holder: `h${index}`, forMs: 60_000 }),
      ),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
  }
}, 60_000)
