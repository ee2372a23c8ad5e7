import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { typedDurationMs } from '../media-duration.ts'
import { example, targetArgument } from '../options.ts'
import { sendSet } from '../transfers/send-set.ts'

/** `parley send-voice TARGET PATH [--duration ..]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<path>', 'an audio file, up to 10 minutes long')
    .option('--duration <time>', 'seconds, or minutes:seconds; what the file says unless told')
    .addHelpText('after', example('parley send-voice @bob hello.ogg'))
    .action((target: string, path: string, options: { duration?: string }) => {
      const durationMs = options.duration && typedDurationMs(options.duration)
      return sendSet(cli, target, [path], { kind: 'voice', durationMs: durationMs || undefined })
    })
}
