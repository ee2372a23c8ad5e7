import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example, targetArgument } from '../options.ts'
import { sendAttachments } from '../sending-attachments.ts'

/** `parley send-file TARGET PATH..`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<paths...>')
    .addHelpText('after', example('parley send-file @bob report.pdf'))
    .addHelpText('after', '\nAn interrupted upload goes on where it stopped when sent again.')
    .action((target: string, paths: string[]) => sendAttachments(cli, 'file', target, paths))
}
