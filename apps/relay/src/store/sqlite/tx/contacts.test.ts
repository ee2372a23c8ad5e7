import { expect, onTestFinished, test } from 'vitest'
import { migrate, openDatabase } from '../open-database.ts'
import { cachedIds, sqliteContacts } from './contacts.ts'

const row = { blocked: false, remark: '', team: '', requestText: '' }

test('how somebody is seen is new at once after a change, and stays in memory until then', () => {
  const { db, contacts, changed } = setup()
  expect(contacts.get(1, 2)).toBeUndefined()
  contacts.put(1, 2, { ...row, state: 4 })
  expect(contacts.get(1, 2)).toMatchObject({ state: 4, blocked: false })
  expect(contacts.get(2, 1)).toBeUndefined()
  contacts.put(1, 2, { ...row, state: 4, blocked: true })
  expect(contacts.get(1, 2)).toMatchObject({ state: 4, blocked: true })
  expect(changed).toEqual([1, 1])
  db.exec('update friendships set blocked = 0')
  expect(contacts.get(1, 2)?.blocked).toBe(true)
})

test('after a rollback the database is asked again', () => {
  const { db, contacts } = setup()
  db.exec('begin')
  contacts.put(1, 2, { ...row, state: 4 })
  expect(contacts.get(1, 2)?.state).toBe(4)
  db.exec('rollback')
  contacts.forget()
  expect(contacts.get(1, 2)).toBeUndefined()
})

test('ids too large for the memory are read from the database each time', () => {
  const { db, contacts } = setup()
  contacts.put(cachedIds, 0, { ...row, state: 4 })
  expect(contacts.get(cachedIds, 0)?.blocked).toBe(false)
  db.exec('update friendships set blocked = 1')
  expect(contacts.get(cachedIds, 0)?.blocked).toBe(true)
})

function setup() {
  const db = openDatabase({ file: ':memory:' })
  onTestFinished(() => void db.close())
  migrate(db)
  // No users are needed for the rows of this table.
  db.pragma('foreign_keys = off')
  const changed: number[] = []
  const contacts = sqliteContacts(
    db,
    () => 0,
    (user) => changed.push(user),
  )
  return { db, contacts, changed }
}
