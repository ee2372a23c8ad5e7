import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import {
  askFriend,
  answerFriend,
  block,
  removeFriend,
  setRemark,
  unblock,
} from '../friend-changes.ts'
import { listFriends, listRequests } from '../friend-lists.ts'
import { example } from '../options.ts'

/** `parley friends [list | requests | add | accept | refuse | remove | block | unblock | remark]`. */
export function define(command: Command, cli: Cli): void {
  command.addHelpText('after', example('parley friends', 'parley friends add bob'))
  defineLists(command, cli)
  command
    .command('add')
    .description('Ask somebody to be your friend.')
    .argument('<name>')
    .option('--text <words>', 'a few words that go with the request, at most 512 bytes')
    .addHelpText('after', example('parley friends add bob --text "We met at the lake"'))
    .action((name: string, options: { text?: string }) => askFriend(cli, name, options.text ?? ''))
  oneName(command, 'accept', 'Accept a request.', (name) => answerFriend(cli, name, true))
  oneName(command, 'refuse', 'Refuse a request.', (name) => answerFriend(cli, name, false))
  oneName(command, 'remove', 'End a friendship.', (name) => removeFriend(cli, name))
  oneName(command, 'block', 'Refuse whatever they send.', (name) => block(cli, name))
  oneName(command, 'unblock', 'End a block.', (name) => unblock(cli, name))
  command
    .command('remark')
    .description('Give a friend a name of your own, or put them in a team.')
    .argument('<name>')
    .argument('[text...]', 'your name for them; nothing removes it')
    .option('--team <team>', 'your own group of friends; an empty one removes it')
    .addHelpText('after', example('parley friends remark bob Bob from the lake'))
    .action((name: string, text: string[], options: { team?: string }) =>
      setRemark(cli, name, text.join(' '), options.team),
    )
}

function defineLists(command: Command, cli: Cli): void {
  command
    .command('list')
    .description('List your friends (the default).')
    .option('-a, --all', 'also those asked, asking and blocked')
    .addHelpText('after', example('parley friends list --all'))
    .action((options: { all?: true }) => listFriends(cli, options.all === true))
  command
    .command('requests')
    .description('List open requests, theirs and yours.')
    .addHelpText('after', example('parley friends requests'))
    .action(() => listRequests(cli))
}

function oneName(
  command: Command,
  verb: string,
  description: string,
  act: (name: string) => Promise<void>,
): void {
  command
    .command(verb)
    .description(description)
    .argument('<name>')
    .addHelpText('after', example(`parley friends ${verb} bob`))
    .action(act)
}
