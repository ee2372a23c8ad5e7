import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example, targetArgument } from '../options.ts'
import { sendAttachments } from '../sending-attachments.ts'

/** `parley send-image TARGET PATH..`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<paths...>', 'JPEG, PNG, WebP, GIF or AVIF')
    .addHelpText('after', example('parley send-image @bob holiday.jpg'))
    .action((target: string, paths: string[]) => sendAttachments(cli, 'image', target, paths))
}
