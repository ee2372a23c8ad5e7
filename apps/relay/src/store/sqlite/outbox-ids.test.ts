import { expect, onTestFinished, test } from 'vitest'
import { migrations } from '../migrations/index.ts'
import { migrate, openDatabase } from './open-database.ts'

const insert = `insert into hold_outbox (service, attachment_id, holder, held)
  values (1, 'file', 'c/1', 1) returning id`

/** A file as the version before had it: the outbox could give an id twice. */
function oldDatabase() {
  const db = openDatabase({ file: ':memory:' })
  onTestFinished(() => void db.close())
  for (const statement of migrations.slice(0, 4).flat()) db.exec(statement)
  db.pragma('user_version = 4')
  const put = () => db.prepare<[], number>(insert).pluck().get()
  return { db, put }
}

test('an outbox of the version before keeps its rows, and no id comes again from then on', () => {
  const { db, put } = oldDatabase()
  for (let i = 0; i < 3; i += 1) put()
  const all = () => db.prepare('select * from hold_outbox order by id').all()
  const before = all()
  migrate(db)
  expect(all()).toEqual(before)
  db.exec('delete from hold_outbox')
  expect(put()).toBe(4)
})

test('an id is not given again when the outbox was empty at the migration', () => {
  const { db, put } = oldDatabase()
  migrate(db)
  expect(put()).toBe(1)
  db.exec('delete from hold_outbox')
  expect(put()).toBe(2)
})
