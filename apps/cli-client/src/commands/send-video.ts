import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { typedDurationMs } from '../media-duration.ts'
import { example, targetArgument } from '../options.ts'
import { sendSet } from '../transfers/send-set.ts'

/** `parley send-video TARGET PATH [--duration ..]`. */
export function define(command: Command, cli: Cli): void {
  targetArgument(command)
    .argument('<path>', 'a video file')
    .option('--duration <time>', 'seconds, or minutes:seconds; what the file says unless told')
    .addHelpText('after', example('parley send-video @bob birthday.mp4'))
    .action((target: string, path: string, options: { duration?: string }) => {
      const durationMs = options.duration && typedDurationMs(options.duration)
      return sendSet(cli, target, [path], { kind: 'video', durationMs: durationMs || undefined })
    })
}
