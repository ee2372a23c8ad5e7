import { startMariadb } from '@parley/testkit/mariadb'
import type { Mariadb } from '@parley/testkit/mariadb'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { befriended, commitOne, logOf, registered, textTo } from '../../testing/journal-cast.ts'
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

test('the journal on MariaDB remembers everything when it is opened again, and refuses what comes after its end', async () => {
  const url = mariadb.freshUrl()
  const { journal, failed } = await openOn(url)
  const ann = await registered(journal, 'ann')
  const bob = await registered(journal, 'bob')
  await befriended(journal, ann, bob)
  const message = textTo(ann, { peer: bob }, 'kept')
  const committed = commitOne(journal, message)
  const closing = journal.close()
  const { conversation } = (await committed).answer!
  const closed = { status: 'rejected', reason: { kind: 'unavailable' } }
  const late = Promise.allSettled([journal.commit([]), journal.ask('sessionView', ann)])
  expect(await late).toMatchObject([closed, closed])
  await closing
  const { journal: again } = await openOn(url)
  onTestFinished(() => again.close())
  expect(await commitOne(again, message)).toMatchObject({ duplicate: true, answer: { seq: 1 } })
  expect(await logOf(again, conversation)).toEqual(['kept'])
  expect(failed).toEqual([])
})
