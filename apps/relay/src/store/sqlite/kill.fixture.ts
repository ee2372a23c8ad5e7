import { SqliteJournal } from './sqlite-journal.ts'
import { befriended, registered, textTo } from '../../testing/journal-cast.ts'

/** A process that writes for ever, and says of each message when it was acknowledged; made to be killed. */
const [, , file = '', run = '', batchSize = '1'] = process.argv
const fatal = (error: Error) => {
  throw error
}
const journal = await SqliteJournal.open(file, {
  failed: (command) => fatal(new Error(command)),
  lost: (code) => fatal(new Error(code)),
  fatal,
})
const [ann, bob] = [await registered(journal, `ann${run}`), await registered(journal, `bob${run}`)]
await befriended(journal, ann, bob)
process.stdout.write('ready\n')
// Batches of nothing are not written: it ends by itself.
for (let count = 0; batchSize !== '0';) {
  const batch = Array.from({ length: Number(batchSize) }, () => {
    count += 1
    return textTo(
      count % 2 === 0 ? ann : bob,
      { peer: count % 2 === 0 ? bob : ann },
      `${run}/${count}`,
    )
  })
  const outcomes = await journal.commit(batch)
  const lines = outcomes.map((outcome, i) => {
    if (!outcome.ok) throw new Error(outcome.reason)
    const { conversation, seq } = outcome.answer as { conversation: number; seq: number }
    const input = batch[i]?.input
    const id = Buffer.from(input?.clientId ?? []).toString('hex')
    return `${conversation} ${seq} ${input?.sender} ${id}\n`
  })
  process.stdout.write(lines.join(''))
}
await journal.close()
