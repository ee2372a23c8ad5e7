import { lstat, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Variant } from '@parley/client'
import { AppError, isAppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { Option } from 'commander'
import type { Command } from 'commander'
import { sizeText } from '@parley/words'
import type { Cli } from '../cli.ts'
import { UsageError } from '../exit-code.ts'
import { numberedFileName } from '../file-name.ts'
import { conversationId, findEntry } from '../look-up.ts'
import { example, targetArgument } from '../options.ts'
import { withClient } from '../session.ts'
import type { Chatting } from '../session.ts'
import { withProgress } from '../terminal/progress.ts'
import { nameToStore } from '../transfers/attachment-of.ts'
import { fetchSet } from '../transfers/fetch-set.ts'
import { addRange } from '../transfers/seq-ranges.ts'
import type { SeqRange } from '../transfers/seq-ranges.ts'

const maxNamesTried = 1_000

interface GetOptions {
  readonly all?: boolean
  readonly output?: string
  readonly variant?: Variant
}

/** `parley get TARGET SEQ.. [--all] [-o PATH] [--variant thumb|preview|full]`. */
export function define(command: Command, cli: Cli): void {
  const variant = new Option('--variant <variant>', 'which size of an image (full unless told)')
  targetArgument(command)
    .argument('[seqs...]', 'the number of the entry; several, or ranges such as 3-9', addRange)
    .option('--all', 'everything that was sent there')
    .option(
      '-o, --output <path>',
      "where to, or a folder; the sender's name in this folder unless told",
    )
    .addOption(variant.choices(['thumb', 'preview', 'full']))
    .addHelpText(
      'after',
      example('parley get @bob 12 -o holiday.jpg', 'parley get @bob 3-40 -o in/'),
    )
    .addHelpText(
      'after',
      '\nNothing is ever overwritten. An interrupted download goes on where it stopped.',
    )
    .action((target: string, ranges: SeqRange[], options: GetOptions) =>
      get(cli, target, ranges, options),
    )
}

const everything: SeqRange = { from: 1, to: Number.MAX_SAFE_INTEGER - 1 }

function get(
  cli: Cli,
  target: string,
  ranges: readonly SeqRange[],
  { all = false, ...options }: GetOptions,
): Promise<void> {
  const [only] = ranges
  if (!all && !only) throw new UsageError('which entry? Its number, a range, or --all')
  if (all && only) throw new UsageError('either numbers or --all')
  if (only && ranges.length === 1 && only.from === only.to) {
    return getOne(cli, target, only.from, options)
  }
  const { output: folder, variant } = options
  return fetchSet(cli, target, { ranges: all ? [everything] : ranges, folder, variant })
}

function getOne(cli: Cli, target: string, seq: number, options: GetOptions): Promise<void> {
  return withClient(cli, 'transient', async (chatting) => {
    const id = await conversationId(chatting, target)
    const { entry } = await findEntry(chatting.calls, id, seq)
    await download(chatting, { conversationId: id, seq }, entry, options)
  })
}

/** Downloads an entry's file or image with a progress bar and says where it is. */
export async function download(
  { cli, client }: Chatting,
  place: { readonly conversationId: string; readonly seq: number },
  entry: chat.Entry | undefined,
  options: GetOptions,
): Promise<void> {
  const { variant } = options
  const name = nameToStore(entry, variant)
  const done = await toFreePath(name, options.output, (path) =>
    withProgress(cli.terminal.stderr, path, !cli.out.json, (progress) => {
      const how = { progress, signal: cli.signal, ...(variant === undefined ? {} : { variant }) }
      return client.download(place, path, how)
    }),
  )
  const { path, bytes, directBytes } = done
  const way = directBytes === 0 ? '' : `, ${sizeText(directBytes)} of it directly`
  const line = { type: 'downloaded', ...place, ...done }
  cli.out.result(line, `${path} (${sizeText(bytes)}${way}, digest verified)`)
}

// A name given by the user is used or refused; the sender's makes way for what is there.
async function toFreePath<T>(
  name: string,
  given: string | undefined,
  fetchTo: (path: string) => Promise<T>,
): Promise<T> {
  const isFolder = given !== undefined && (given.endsWith('/') || (await isFolderNow(given)))
  if (given !== undefined && !isFolder) return fetchTo(given)
  for (let nth = 0; nth < maxNamesTried; nth += 1) {
    const fileName = numberedFileName(name, nth)
    const path = given === undefined ? fileName : join(given, fileName)
    if (await isTaken(path)) continue
    try {
      return await fetchTo(path)
    } catch (error) {
      if (!isAppError(error) || error.reason !== 'FILE_EXISTS') throw error
    }
  }
  throw new AppError('conflict', 'FILE_EXISTS', `there are too many files called ${name}`)
}

function isFolderNow(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function isTaken(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
