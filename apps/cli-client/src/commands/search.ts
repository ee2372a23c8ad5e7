import { idBytes, idText } from '@parley/client'
import type { chat } from '@parley/proto'
import type { Command } from 'commander'
import { visibleLine } from '@parley/words'
import type { Cli } from '../cli.ts'
import { conversationLine, conversationName } from '../conversation-line.ts'
import { entryLine } from '../entry-line.ts'
import { entryText } from '../entry-text.ts'
import { conversationId } from '../look-up.ts'
import { example, numberUpTo } from '../options.ts'
import { withCalls } from '../session.ts'

interface SearchOptions {
  readonly in?: string
  readonly limit?: number
}

/** `parley search TEXT..`. */
export function define(command: Command, cli: Cli): void {
  command
    .argument('<text...>', 'words that must all be there')
    .option('--in <target>', 'only in this conversation')
    .option('-n, --limit <n>', 'at most so many (20 unless told)', numberUpTo(100))
    .addHelpText('after', example('parley search 早上好'))
    .action((text: string[], options: SearchOptions) => search(cli, text.join(' '), options))
}

function search(cli: Cli, query: string, options: SearchOptions): Promise<void> {
  return withCalls(cli, async (asking) => {
    const place = options.in === undefined ? undefined : await conversationId(asking, options.in)
    const { found, more } = await asking.calls.history.search({
      query,
      conversationId: place === undefined ? Buffer.alloc(0) : idBytes(place),
      limit: options.limit ?? 20,
    })
    const hits = found.flatMap((hit) => (hit.entry ? [hitOf(hit, hit.entry)] : []))
    const text = () => hits.map((hit) => hit.text).join('\n')
    cli.out.results(
      hits.map((hit) => hit.line),
      text,
      'nothing found',
    )
    if (more) sayMore(cli, hits.length)
  })
}

// Programs are told on stdout, where they read; people beside it.
function sayMore(cli: Cli, shown: number): void {
  const words = 'there may be more: name a conversation (--in), more words, or a higher -n'
  if (cli.out.json) cli.out.result({ type: 'more', shown }, '')
  else cli.out.note(words)
}

function hitOf(hit: chat.Found, entry: chat.Entry) {
  const placed = { conversationId: idText(hit.conversationId), seq: hit.seq, entry }
  const conversation = conversationLine(hit.info)
  return {
    line: { ...entryLine(placed), type: 'found', conversation },
    text: `${visibleLine(conversationName(hit.info))}  ${entryText(placed)}`,
  }
}
