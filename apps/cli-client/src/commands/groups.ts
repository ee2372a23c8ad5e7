import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import {
  answerInvitation,
  createGroup,
  dissolveGroup,
  inviteTo,
  leaveGroup,
  removeFrom,
  renameGroup,
  setGroupPicture,
  setRole,
} from '../group-changes.ts'
import { listGroups, listMembers } from '../group-lists.ts'
import { example } from '../options.ts'

/** `parley groups [list | create | members | invite | join | refuse | leave | remove | role | rename | picture | dissolve]`. */
export function define(command: Command, cli: Cli): void {
  command.addHelpText('after', example('parley groups', 'parley groups create "Tea" bob carol'))
  command.addHelpText('after', '\nG is a title, the beginning of one, or a conversation id.')
  defineLists(command, cli)
  defineMembers(command, cli)
  defineOwn(command, cli)
  defineWhole(command, cli)
}

function defineLists(command: Command, cli: Cli): void {
  sub(command, 'list', 'List your groups and invitations (the default).', '').action(() =>
    listGroups(cli),
  )
  sub(command, 'members', 'List the members of a group.', 'Tea')
    .argument('<group>')
    .action((group: string) => listMembers(cli, group))
}

function defineMembers(command: Command, cli: Cli): void {
  sub(command, 'create', 'Make a group and invite its first members.', '"Tea time" bob carol')
    .argument('<title>', '1 to 128 bytes')
    .argument('[names...]')
    .option('--open', 'anybody who knows the id may join')
    .action((title: string, names: string[], options: { open?: true }) =>
      createGroup(cli, title, names, options.open === true),
    )
  sub(command, 'invite', 'Invite people; friends of yours join at once.', 'Tea dave')
    .argument('<group>')
    .argument('<names...>')
    .action((group: string, names: string[]) => inviteTo(cli, group, names))
  sub(command, 'remove', 'Remove a member.', 'Tea dave')
    .argument('<group>')
    .argument('<name>')
    .action((group: string, name: string) => removeFrom(cli, group, name))
  sub(command, 'role', 'Make a member owner, admin or member.', 'Tea dave admin')
    .argument('<group>')
    .argument('<name>')
    .argument('<role>', 'owner, admin or member')
    .action((group: string, name: string, role: string) => setRole(cli, group, name, role))
}

function defineOwn(command: Command, cli: Cli): void {
  sub(command, 'join', 'Accept an invitation, or join an open group by its id.', 'Tea')
    .argument('<group>')
    .action((group: string) => answerInvitation(cli, group, true))
  sub(command, 'refuse', 'Refuse an invitation.', 'Tea')
    .argument('<group>')
    .action((group: string) => answerInvitation(cli, group, false))
  sub(command, 'leave', 'Leave a group.', 'Tea')
    .argument('<group>')
    .action((group: string) => leaveGroup(cli, group))
}

function defineWhole(command: Command, cli: Cli): void {
  sub(command, 'rename', 'Give a group another title.', 'Tea "Coffee"')
    .argument('<group>')
    .argument('<title>', '1 to 128 bytes')
    .action((group: string, title: string) => renameGroup(cli, group, title))
  sub(command, 'picture', 'Give a group a picture; none takes it away.', 'Tea cups.jpg')
    .argument('<group>')
    .argument('<path>', 'JPEG, PNG, WebP, GIF or AVIF, or the word none')
    .action((group: string, path: string) => setGroupPicture(cli, group, path))
  sub(command, 'dissolve', 'End a group; what was said can still be read.', 'Tea')
    .argument('<group>')
    .action((group: string) => dissolveGroup(cli, group))
}

function sub(command: Command, verb: string, description: string, words: string): Command {
  return command
    .command(verb)
    .description(description)
    .addHelpText('after', example(`parley groups ${verb} ${words}`.trimEnd()))
}
