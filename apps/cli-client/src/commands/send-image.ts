import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example, targetArgument, wholeNumber } from '../options.ts'
import { sendSet } from '../transfers/send-set.ts'

interface SendImageOptions {
  readonly yes?: boolean
  readonly skip?: number
}

/** `parley send-image TARGET PATH.. [--yes] [--skip N]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<paths...>', 'JPEG, PNG, WebP, GIF or AVIF')
    .addHelpText('after', example('parley send-image @bob holiday.jpg'))
    .option('-y, --yes', 'send more than 100 images without asking')
    .option('--skip <n>', 'leave out the first n: an earlier run has sent them', wholeNumber)
    .action((target: string, paths: string[], options: SendImageOptions) =>
      sendSet(cli, target, paths, { ...options, kind: 'image' }),
    )
}
