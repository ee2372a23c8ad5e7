import { downloadPicture } from '@parley/client'
import type { PictureOwner, Variant } from '@parley/client'
import { Option } from 'commander'
import type { Command } from 'commander'
import { sizeText } from '@parley/words'
import type { Cli } from '../cli.ts'
import { UsageError } from '../exit-code.ts'
import { sendTarget } from '../look-up.ts'
import { example, targetArgument } from '../options.ts'
import { serverOptions, withCalls } from '../session.ts'
import type { Asking } from '../session.ts'
import { parseTarget } from '../target.ts'
import { withProgress } from '../terminal/progress.ts'

interface PictureOptions {
  readonly variant: Variant
}

/** `parley get-picture TARGET PATH [--variant thumb|preview|full]`. */
export function define(command: Command, cli: Cli): void {
  const variant = new Option('--variant <variant>', 'which size').default('full')
  targetArgument(command)
    .argument('<path>', 'where to; nothing is overwritten')
    .addOption(variant.choices(['thumb', 'preview', 'full']))
    .addHelpText(
      'after',
      example("parley get-picture @bob bob.jpg; parley get-picture '#Tea' t.jpg"),
    )
    .action((target: string, path: string, { variant: wanted }: PictureOptions) =>
      withCalls(cli, (asking) => getPicture(asking, target, path, wanted)),
    )
}

async function getPicture(asking: Asking, target: string, path: string, variant: Variant) {
  const { cli, calls, state } = asking
  const owner = await ownerOf(asking, target)
  const done = await withProgress(cli.terminal.stderr, path, !cli.out.json, (progress) => {
    const options = { progress, signal: cli.signal, variant }
    return downloadPicture(serverOptions(cli, state), calls, owner, path, options)
  })
  const { bytes, digest, resumedFrom } = done
  const line = { type: 'picture-downloaded', ...owner, path: done.path, bytes, digest, resumedFrom }
  cli.out.result(line, `${done.path} (${sizeText(bytes)}, digest verified)`)
}

function ownerOf(asking: Asking, target: string): Promise<PictureOwner> {
  if (parseTarget(target).kind === 'notices') throw new UsageError('notices have no picture')
  return sendTarget(asking, target)
}
