import type { Command } from 'commander'
import { faceContent, faceNames } from '@parley/words'
import type { Cli } from '../cli.ts'
import { example, targetArgument } from '../options.ts'
import { sendOnce } from '../sending.ts'

/** `parley send-face TARGET NAME`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<name>', '1 to 32 characters: a to z, digits, _ and -')
    .addHelpText('after', example('parley send-face @bob smile'))
    .addHelpText('after', `\nShown as an emoji here: ${faceNames.join(' ')}.`)
    .action((target: string, name: string) => sendOnce(cli, target, faceContent(name)))
}
