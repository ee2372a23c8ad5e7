import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { eventTeller } from '../event-lines.ts'
import { ShownInLan } from '../lan/shown-in-lan.ts'
import { example } from '../options.ts'
import { inlinePictures } from '../pictures/inline-pictures.ts'
import { sentAway, withClient } from '../session.ts'

/** `parley watch [--no-image]`. */
export function define(command: Command, cli: Cli): void {
  command
    .option('--no-image', 'no pictures among the lines')
    .addHelpText('after', example('parley watch --json | tee events.jsonl'))
    .addHelpText(
      'after',
      '\nRuns until Ctrl-C. One watch or chat at a time; other commands work beside it.',
    )
    .action(({ image = true }: { readonly image?: boolean }) => watch(cli, image))
}

async function watch(cli: Cli, isDrawing: boolean): Promise<void> {
  const watching = withClient(cli, 'lasting', async (chatting) => {
    const { client } = chatting
    const events = client.events()
    const pictures = await inlinePictures(chatting, isDrawing)
    client.watchPresence([], { contacts: true })
    const tell = eventTeller()
    const shown = new ShownInLan(cli.config.home)
    for await (const event of events) {
      const picture = pictures?.(event)
      // Of entries each has a line: its picture comes before what is said after it.
      for (const [nth, { line, text }] of tell(shown.mark(event)).entries()) {
        cli.out.result(line, text)
        const drawing = await picture?.(nth)
        if (drawing) cli.terminal.stdout.write(drawing.text)
      }
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
