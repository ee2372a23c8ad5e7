import type { EntryPlace } from '@parley/client'
import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { entryLine } from '../entry-line.ts'
import { entryText } from '../entry-text.ts'
import { conversationId, findEntry } from '../look-up.ts'
import { example, targetArgument, wholeNumber } from '../options.ts'
import { cellsOf } from '../pictures/cells.ts'
import { fetchedDrawing } from '../pictures/fetched-drawing.ts'
import type { Graphics } from '../pictures/screen-graphics.ts'
import { screenGraphics } from '../pictures/screen-graphics.ts'
import { withClient } from '../session.ts'
import type { Chatting } from '../session.ts'
import { imageOf } from '../transfers/attachment-of.ts'

const maxColumns = 120

interface ShowOptions {
  /** False only when `--no-image` was given. */
  readonly image?: boolean
}

/** `parley show TARGET SEQ [--no-image]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<seq>', 'the number of the entry', wholeNumber)
    .option('--no-image', 'words only')
    .addHelpText('after', example('parley show @bob 12'))
    .action((target: string, seq: number, options: ShowOptions) => show(cli, target, seq, options))
}

function show(cli: Cli, target: string, seq: number, { image = true }: ShowOptions): Promise<void> {
  return withClient(cli, 'transient', async (chatting) => {
    const id = await conversationId(chatting, target)
    const { entry, edited } = await findEntry(chatting.calls, id, seq)
    if (!entry) throw new AppError('not-found', 'NO_SUCH_ENTRY', `entry ${seq} is empty`)
    const placed = { conversationId: id, seq, entry, edited }
    cli.out.result(entryLine(placed), entryText(placed))
    const shown = imageOf(entry)
    if (!shown || !image || !cli.config.images || cli.out.json) return
    const graphics = await screenGraphics(cli.terminal, cli.config.isMultiplexed)
    if (graphics) await draw(chatting, { conversationId: id, seq }, shown, graphics)
    else cli.out.note(`this terminal shows no pictures: parley get ${target} ${seq}`)
  })
}

// The placeholder at once, and the picture in its place as soon as its bytes are here.
async function draw(
  { cli, client }: Chatting,
  place: EntryPlace,
  image: chat.Image,
  graphics: Graphics,
): Promise<void> {
  const { stdout } = cli.terminal
  // Where no picture is shown its decoder need not be loaded.
  const { drawnFile, drawnPlaceholder } = await import('../pictures/painter.ts')
  const screen = {
    width: Math.max(1, Math.min(maxColumns, stdout.columns - 1)),
    height: Math.max(1, stdout.rows - 2),
  }
  const cells = cellsOf(image, graphics, screen)
  const first = await drawnPlaceholder(image, graphics, cells)
  if (first) stdout.write(first.text)
  const { text } = await fetchedDrawing(
    client,
    place,
    { variant: 'preview', signal: cli.signal },
    (path) => drawnFile(path, graphics, cells),
  )
  const back = first ? `\u001b[${first.rows}A\r\u001b[J` : ''
  stdout.write(back + text)
}
