import { idBytes } from '@parley/client'
import type { chat } from '@parley/proto'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { entryLine } from '../entry-line.ts'
import { entryText } from '../entry-text.ts'
import { conversationId } from '../look-up.ts'
import { example, numberUpTo, targetArgument, wholeNumber } from '../options.ts'
import { withCalls } from '../session.ts'
import type { Asking } from '../session.ts'

const pageSize = 200
const maxEntries = 10_000

interface HistoryOptions {
  readonly limit?: number
  readonly before?: number
}

/** `parley history TARGET [-n N] [--before SEQ]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .option(
      '-n, --limit <n>',
      `how many entries (20 unless told, at most ${maxEntries})`,
      numberUpTo(maxEntries),
    )
    .option('--before <seq>', 'only entries below this number', wholeNumber)
    .addHelpText('after', example('parley history @bob -n 50'))
    .action((target: string, options: HistoryOptions) => showHistory(cli, target, options))
}

function showHistory(cli: Cli, target: string, options: HistoryOptions): Promise<void> {
  return withCalls(cli, async (asking) => {
    const id = await conversationId(asking, target)
    const found = await newest(asking, id, options.limit ?? 20, options.before ?? 0)
    const placed = found.flatMap(({ seq, entry, edited }) =>
      entry ? [{ conversationId: id, seq, entry, edited }] : [],
    )
    const text = () => placed.map(entryText).join('\n')
    cli.out.results(placed.map(entryLine), text, 'nothing was said yet')
  })
}

// Pages go backwards in time, entries within a page forwards.
async function newest(
  { calls }: Asking,
  id: string,
  limit: number,
  before: number,
): Promise<chat.NumberedEntry[]> {
  const pages: chat.NumberedEntry[][] = []
  let beforeSeq = before
  for (let left = limit; left > 0;) {
    const question = { conversationId: idBytes(id), beforeSeq, limit: Math.min(left, pageSize) }
    const { entries, more } = await calls.history.listMessages(question)
    const [first] = entries
    if (!first) break
    pages.push(entries)
    left -= entries.length
    beforeSeq = first.seq
    if (!more) break
  }
  return pages.toReversed().flat()
}
