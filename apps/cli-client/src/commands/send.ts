import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { example, targetArgument, wholeNumber } from '../options.ts'
import { sendOnce, textContent } from '../sending.ts'

/** `parley send TARGET TEXT.. [--reply SEQ]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<text...>', 'the words; put -- before words that begin with a dash')
    .option('--reply <seq>', 'the number of the entry this answers', wholeNumber)
    .addHelpText('after', example("parley send @bob 'See you at eight'"))
    .addHelpText('after', '\nPrints the conversation id, the number and the message id.')
    .action((target: string, text: string[], options: { reply?: number }) =>
      sendOnce(cli, target, textContent(text.join(' ')), {
        replyToSeq: options.reply ?? 0,
      }),
    )
}
