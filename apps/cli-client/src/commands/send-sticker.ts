import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example, targetArgument } from '../options.ts'
import { sendSet } from '../transfers/send-set.ts'

/** `parley send-sticker TARGET PATH [--pack ..] [--name ..]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<path>', 'JPEG, PNG, WebP, GIF or AVIF')
    .option('--pack <name>', 'the set it belongs to, at most 64 bytes')
    .option('--name <name>', 'what it is called there, at most 64 bytes')
    .addHelpText('after', example('parley send-sticker @bob cat.webp --pack cats --name hello'))
    .action((target: string, path: string, options: { pack?: string; name?: string }) =>
      sendSet(cli, target, [path], { kind: 'sticker', ...options }),
    )
}
