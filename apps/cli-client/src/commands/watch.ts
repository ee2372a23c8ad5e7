import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { eventTeller } from '../event-lines.ts'
import { example } from '../options.ts'
import { sentAway, withClient } from '../session.ts'

/** `parley watch`. */
export function define(command: Command, cli: Cli): void {
  command
    .addHelpText('after', example('parley watch --json | tee events.jsonl'))
    .addHelpText(
      'after',
      '\nRuns until Ctrl-C. One watch or chat at a time; other commands work beside it.',
    )
    .action(() => watch(cli))
}

async function watch(cli: Cli): Promise<void> {
  const watching = withClient(cli, 'lasting', async ({ client }) => {
    client.watchPresence([], { contacts: true })
    const tell = eventTeller()
    for await (const event of client.events()) {
      for (const { line, text } of tell(event)) cli.out.result(line, text)
      // To come back for the next event says that this one was shown.
      await cli.out.taken(cli.signal)
    }
    const why = sentAway(client.connection)
    if (why) throw why
  })
  // To be interrupted is how a watch ends well.
  await watching.catch((error: unknown) => {
    if (!cli.signal.aborted) throw error
  })
}
