import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example, targetArgument, wholeNumber } from '../options.ts'
import { sendSet } from '../transfers/send-set.ts'

interface SendFileOptions {
  readonly yes?: boolean
  readonly skip?: number
}

/** `parley send-file TARGET PATH.. [--yes] [--skip N]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<paths...>', 'files, and folders for the files in them')
    .option('-y, --yes', 'send more than 100 files without asking')
    .option('--skip <n>', 'leave out the first n files: an earlier run has sent them', wholeNumber)
    .addHelpText('after', example('parley send-file @bob report.pdf photos/'))
    .addHelpText('after', '\nAn interrupted upload goes on where it stopped when sent again.')
    .action((target: string, paths: string[], options: SendFileOptions) =>
      sendSet(cli, target, paths, { ...options, kind: 'file', folders: true }),
    )
}
