import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { listLan } from '../lan/list-lan.ts'
import { chatInLan, watchLan } from '../lan/run-lan-chat.ts'
import { sayOnce } from '../lan/say-to.ts'
import { forgetPeer, trustPeer } from '../lan/trust.ts'
import { example, numberUpTo } from '../options.ts'

const listSeconds = 3
const maxListSeconds = 60
const unstored =
  '\nNo server takes part: what is said is encrypted, shown to who is there, and not stored.'

interface Named {
  readonly name?: string
}

/** `parley lan [list | watch | say | chat | trust | forget]`. */
export function define(command: Command, cli: Cli): void {
  command.addHelpText('after', example('parley lan', "parley lan say ann 'Is the relay down?'"))
  command.addHelpText('after', unstored)
  defineList(command, cli)
  named(command.command('watch'))
    .description('Be seen, and print who is here and what they say, until Ctrl-C.')
    .addHelpText('after', example('parley lan watch --json'))
    .action(({ name }: Named) => watchLan(cli, name))
  named(command.command('say'))
    .description('Say one message to somebody in the same network.')
    .argument('<peer>', 'a name, or a fingerprint as parley lan list shows')
    .argument('<text...>', 'the words; put -- before words that begin with a dash')
    .addHelpText('after', example("parley lan say ann 'See you at eight'"))
    .action((peer: string, text: string[], { name }: Named) =>
      sayOnce(cli, peer, text.join(' '), name),
    )
  named(command.command('chat'))
    .description('Chat line by line with those in the same network.')
    .argument('[peer]', 'a name, or a fingerprint as parley lan list shows')
    .addHelpText('after', example('parley lan chat ann'))
    .action((peer: string | undefined, { name }: Named) => chatInLan(cli, peer, name))
  defineTrust(command, cli)
}

function defineList(command: Command, cli: Cli): void {
  command
    .command('list')
    .description('Listen for a while, unseen, and list who is here (the default).')
    .option('--seconds <n>', `how long, ${listSeconds} unless told`, numberUpTo(maxListSeconds))
    .addHelpText('after', example('parley lan list --seconds 10'))
    .action(({ seconds = listSeconds }: { seconds?: number }) => listLan(cli, seconds))
}

function defineTrust(command: Command, cli: Cli): void {
  command
    .command('trust')
    .description('Say that you compared this fingerprint with its owner.')
    .argument('<fingerprint>', 'six groups of four')
    .option('--as <@name>', 'their account: what you say to them goes to the relay, too')
    .addHelpText('after', example('parley lan trust 7k2m-9qxa-0c4t-wj5e-hr8b-1vzs --as @ann'))
    .action((fingerprint: string, options: { as?: string }) =>
      trustPeer(cli, fingerprint, options.as),
    )
  command
    .command('forget')
    .description('Forget a key: its owner is new again.')
    .argument('<fingerprint>', 'six groups of four')
    .addHelpText('after', example('parley lan forget 7k2m-9qxa-0c4t-wj5e-hr8b-1vzs'))
    .action((fingerprint: string) => forgetPeer(cli, fingerprint))
}

function named(command: Command): Command {
  return command.option('--name <name>', 'who you are here; your account unless told')
}
