import { execFile } from 'node:child_process'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { tempFolder } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import {
  befriended,
  commitOne,
  logOf,
  must,
  registered,
  textTo,
} from '../../testing/journal-cast.ts'
import { SqliteJournal } from './sqlite-journal.ts'

const run = promisify(execFile)
const mayMount = process.getuid?.() === 0

test.runIf(mayMount)(
  'a full disk rejects what does not fit, and takes it when there is room again',
  async () => {
    const folder = await smallDisk()
    const fatal: Error[] = []
    const lost: string[] = []
    const journal = await SqliteJournal.open(join(folder, 'myim.sqlite'), {
      failed: (command) => void fatal.push(new Error(command)),
      lost: (code) => void lost.push(code),
      fatal: (error) => void fatal.push(error),
    })
    onTestFinished(() => journal.close())
    const ann = await registered(journal, 'ann')
    const bob = await registered(journal, 'bob')
    await befriended(journal, ann, bob)
    const first = await must(journal, 'sendMessage', textTo(ann, { peer: bob }, 'first').input)
    const ballast = join(folder, 'ballast')
    const { bavail, bsize } = await statfs(folder)
    await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 64 * 1024)))
    const batch = Array.from({ length: 200 }, (_, i) =>
      textTo(ann, { peer: bob }, `${i} ${'x'.repeat(4_000)}`),
    )
    await expect(journal.commit(batch)).rejects.toMatchObject({ kind: 'unavailable' })
    await expect(journal.commit(batch)).rejects.toMatchObject({ kind: 'unavailable' })
    expect(await logOf(journal, first.conversation)).toEqual(['first'])
    await rm(ballast)
    const outcomes = await journal.commit(batch)
    expect(outcomes.map((each) => each.ok && (each.answer as { seq: number }).seq)).toEqual(
      batch.map((_, i) => i + 2),
    )
    const again = await commitOne(journal, batch[0] as (typeof batch)[0])
    expect(again).toMatchObject({ duplicate: true, answer: { seq: 2 } })
    expect([fatal, lost]).toEqual([[], ['SQLITE_FULL']])
  },
)

/** A folder on a disk of 8 MiB of its own. */
async function smallDisk(): Promise<string> {
  const folder = await tempFolder()
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder])
  onTestFinished(async () => void (await run('umount', ['-l', folder])))
  return folder
}
