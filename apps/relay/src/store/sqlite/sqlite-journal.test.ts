import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '@parley/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  befriended,
  commitOne,
  contentTo,
  logOf,
  must,
  registered,
  textTo,
} from '../../testing/journal-cast.ts'
import { journalContract } from '../journal.contract.ts'
import { leaseTimesContract } from '../journal-leases.contract.ts'
import { openDatabase } from './open-database.ts'
import { SqliteJournal } from './sqlite-journal.ts'

async function openIn(folder: string) {
  const failed: string[] = []
  const fatal: Error[] = []
  const journal = await SqliteJournal.open(join(folder, 'myim.sqlite'), {
    failed: (command) => void failed.push(command),
    lost: (code) => void failed.push(code),
    fatal: (error) => void fatal.push(error),
  })
  return { journal, failed, fatal }
}

test('a database of a newer version is refused in words, and left as it is', async () => {
  const file = join(await tempFolder(), 'myim.sqlite')
  const db = openDatabase({ file })
  db.pragma('user_version = 99')
  db.close()
  const events = { failed: () => undefined, lost: () => undefined, fatal: () => undefined }
  const opening = SqliteJournal.open(file, events)
  await expect(opening).rejects.toMatchObject({
    reason: 'STORE_UNUSABLE',
    message: expect.stringContaining('newer version') as string,
  })
})

journalContract('the journal on SQLite', async () => openIn(await tempFolder()))
leaseTimesContract('the journal on SQLite', async () => openIn(await tempFolder()))

describe('the journal on SQLite', () => {
  test('remembers everything when it is opened again, also who sent what under which id', async () => {
    const folder = await tempFolder()
    const { journal } = await openIn(folder)
    const ann = await registered(journal, 'ann')
    const bob = await registered(journal, 'bob')
    await befriended(journal, ann, bob)
    const message = textTo(ann, { peer: bob }, 'kept')
    const { conversation } = await must(journal, 'sendMessage', message.input)
    await journal.close()
    const { journal: again } = await openIn(folder)
    onTestFinished(() => again.close())
    expect(await commitOne(again, message)).toMatchObject({ duplicate: true, answer: { seq: 1 } })
    const next = await must(again, 'sendMessage', textTo(bob, { peer: ann }, 'next').input)
    expect(next.seq).toBe(2)
    expect(await logOf(again, conversation)).toEqual(['kept', 'next'])
  })

  test('has no byte of a recalled message on disk when it is closed', async () => {
    const folder = await tempFolder()
    const { journal } = await openIn(folder)
    const ann = await registered(journal, 'ann')
    const bob = await registered(journal, 'bob')
    await befriended(journal, ann, bob)
    const secrets = ['tiny-secret', `long-secret ${'s3cret'.repeat(1_500)}`]
    for (const secret of secrets) {
      const { seq } = await must(journal, 'sendMessage', textTo(ann, { peer: bob }, secret).input)
      await must(journal, 'sendMessage', textTo(bob, { peer: ann }, 'harmless').input)
      const recall = contentTo(ann, { peer: bob }, { $case: 'recall', value: { targetSeq: seq } })
      await must(journal, 'sendMessage', recall)
    }
    await journal.close()
    const files = await readdir(folder)
    const bytes = await Promise.all(files.map((file) => readFile(join(folder, file), 'latin1')))
    expect(bytes.some((text) => text.includes('harmless'))).toBe(true)
    for (const secret of ['tiny-secret', 'long-secret', 's3cret']) {
      expect(files.filter((_, i) => bytes[i]?.includes(secret))).toEqual([])
    }
  })

  test('writes ahead and waits for the disk at every commit', async () => {
    const db = openDatabase({ file: join(await tempFolder(), 'myim.sqlite') })
    onTestFinished(() => void db.close())
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    // 2 is FULL: each commit is on disk before it is answered.
    expect(db.pragma('synchronous', { simple: true })).toBe(2)
  })

  test('does not open what is no database, and leaves no thread behind', async () => {
    const folder = await tempFolder()
    await writeFile(join(folder, 'myim.sqlite'), 'this is not a database, '.repeat(100))
    await expect(openIn(folder)).rejects.toThrow(/not a database/)
  })

  test('answers nobody with silence when it closes: questions and commits are refused after it', async () => {
    const { journal, fatal } = await openIn(await tempFolder())
    const ann = await registered(journal, 'ann')
    const asked = Array.from({ length: 50 }, () => journal.ask('sessionView', ann))
    const settled = Promise.allSettled(asked)
    const committed = journal.commit([textTo(ann, { peer: ann }, 'myself')])
    const closing = journal.close()
    const late = Promise.allSettled([journal.ask('sessionView', ann), journal.commit([])])
    expect(await committed).toMatchObject([{ ok: false, reason: 'SELF' }])
    const answers = await settled
    expect(answers.length).toBe(50)
    const closed = { status: 'rejected', reason: { kind: 'unavailable' } }
    expect(await late).toMatchObject([closed, closed])
    await closing
    expect(fatal).toEqual([])
  })
})
