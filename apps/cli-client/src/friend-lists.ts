import { idText } from '@parley/client'
import { chat } from '@parley/proto'
import { clockText, contactStateWord } from '@parley/words'
import type { Cli } from './cli.ts'
import { contacts } from './look-up.ts'
import type { JsonLine } from './output.ts'
import { pictureLine } from './picture-line.ts'
import { withCalls } from './session.ts'
import { table } from './terminal/table.ts'

const { ASKED, CONTACT, REQUESTED } = chat.ContactState

/** Prints the friends, or everybody one has to do with. */
export function listFriends(cli: Cli, all: boolean): Promise<void> {
  return list(cli, (contact) => all || contact.state === CONTACT, 'no friends yet')
}

/** Prints the requests that wait for an answer, theirs and one's own. */
export function listRequests(cli: Cli): Promise<void> {
  return list(cli, ({ state }) => state === REQUESTED || state === ASKED, 'no open requests')
}

async function list(cli: Cli, wanted: (contact: chat.Contact) => boolean, empty: string) {
  await withCalls(cli, async ({ calls }) => {
    const found = (await contacts(calls)).filter(wanted)
    cli.out.results(found.map(contactLine), () => table(found.map(contactRow)), empty)
  })
}

// The JSON line of a contact.
function contactLine(contact: chat.Contact): JsonLine {
  const { name, nickname, remark, team, blocked, text, changedAtMs } = contact
  return {
    type: 'contact',
    userId: idText(contact.userId),
    name,
    nickname,
    state: contactStateWord(contact.state),
    remark,
    team,
    blocked,
    text,
    changedAtMs,
    picture: pictureLine(contact.picture),
  }
}

const stateWords: Readonly<Record<number, string>> = {
  [CONTACT]: 'friend',
  [ASKED]: 'you asked',
  [REQUESTED]: 'asks you',
}

function contactRow(contact: chat.Contact): string[] {
  const { name, remark, nickname, team, text, changedAtMs } = contact
  const state = `${stateWords[contact.state] ?? ''}${contact.blocked ? ' (blocked)' : ''}`.trim()
  const own = [remark || nickname, team && `[${team}]`].filter(Boolean).join(' ')
  return [`@${name}`, state, own, clockText(changedAtMs), text]
}
