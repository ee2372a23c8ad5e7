import type { AppError } from '@parley/errors'
import { systemScheduler, within } from '@parley/service-kit'
import { visibleLine } from '@parley/words'
import { UsageError } from '../exit-code.ts'
import { closest } from './closest.ts'
import { chatCommands } from './chat-commands.ts'
import { parseChatLine } from './chat-line.ts'
import { ChatPictures } from './chat-pictures.ts'
import { ChatRoom } from './chat-room.ts'
import type { RoomScreen } from './chat-room.ts'
import { LinePrompt } from './line-prompt.ts'
import { ShownInLan } from '../lan/shown-in-lan.ts'
import { openConversation } from './open-conversation.ts'
import type { Graphics } from '../pictures/screen-graphics.ts'
import { pictureSource } from './picture-source.ts'
import { textContent } from '../sending.ts'
import { sentAway } from '../session.ts'
import type { Chatting } from '../session.ts'
import { TypingSign } from './typing-sign.ts'

const answersLimitMs = 30_000

/** Chats line by line until the user leaves; messages of others appear above the prompt, with pictures where there are graphics. */
export async function runChat(
  chatting: Chatting,
  target: string | undefined,
  graphics?: Graphics,
  isDirect = false,
): Promise<void> {
  const { cli, client } = chatting
  const typing = new TypingSign(client)
  const prompt = new LinePrompt(cli.terminal, {
    complete: completeCommand,
    typed: (line) => typing.typed(room.open?.conversationId, line),
  })
  const pictures = graphics && new ChatPictures(pictureSource(chatting, graphics), prompt)
  const room: ChatRoom = new ChatRoom(chatting, screenOf(chatting, prompt, pictures), isDirect)
  const shown = new ShownInLan(cli.config.home)
  const leave = () => prompt.close()
  cli.signal.addEventListener('abort', leave, { once: true })
  let away: AppError | undefined
  const stop = client.on((event) => {
    room.hear(shown.mark(event))
    if (event.type !== 'connection') return
    away = sentAway(event.connection)
    if (away) leave()
  })
  try {
    client.watchPresence([], { contacts: true })
    if (target !== undefined) await room.enter(await openConversation(chatting, target))
    else room.screen.note('/open @name to talk to somebody, /help for more')
    await talk(room, prompt, typing)
  } finally {
    stop()
    cli.signal.removeEventListener('abort', leave)
    prompt.close()
    await pictures?.close()
  }
  if (away) throw away
  await lastAnswers(chatting, room)
  const waiting = room.pendingSends
  if (waiting === 0) return
  const words = waiting === 1 ? '1 message waits' : `${waiting} messages wait`
  cli.out.note(`${words} in the outbox (parley outbox)`)
}

// Lines from a pipe come faster than their answers.
async function lastAnswers({ client }: Chatting, room: ChatRoom): Promise<void> {
  if (room.pendingSends === 0) return
  const { state } = client.connection
  if (state !== 'online' && state !== 'caught-up') return
  await within(systemScheduler, answersLimitMs, 'the last answers', client.drained()).catch(
    () => undefined,
  )
}

async function talk(room: ChatRoom, prompt: LinePrompt, typing: TypingSign): Promise<void> {
  room.ready()
  const ask = () => prompt.ask(`${visibleLine(room.open?.name ?? '')}> `)
  ask()
  for await (const line of prompt.lines()) {
    typing.sent()
    if (await obey(room, line)) return
    ask()
  }
}

// Carries out one typed line; true when it asks to leave.
async function obey(room: ChatRoom, line: string): Promise<boolean> {
  const asked = parseChatLine(line)
  if (asked.kind === 'nothing') return false
  if (asked.kind === 'say') {
    room.say(textContent(asked.text))
    return false
  }
  const command = chatCommands.find(({ name }) => name === asked.name)
  if (command?.name === 'quit') return true
  try {
    if (!command) throw new UsageError(unknownCommand(asked.name))
    await command.run(room, asked.rest)
  } catch (error) {
    room.fail(error)
  }
  return false
}

function unknownCommand(name: string): string {
  const names = chatCommands.map((command) => command.name)
  const near = closest(name, names)
  return `no such command: /${name}${near === undefined ? '' : ` (did you mean /${near}?)`}; /help lists them`
}

function completeCommand(line: string): [string[], string] {
  if (!line.startsWith('/')) return [[], line]
  const names = chatCommands.map(({ name }) => `/${name} `)
  return [names.filter((name) => name.startsWith(line)), line]
}

function screenOf(
  { cli }: Chatting,
  prompt: LinePrompt,
  pictures: ChatPictures | undefined,
): RoomScreen {
  return {
    show({ line, text }, placed) {
      if (cli.out.json) return cli.out.result(line, '')
      if (text !== '') prompt.above(text)
      if (placed) pictures?.show(placed)
    },
    note(text) {
      if (!cli.out.json) prompt.above(text)
    },
    prepare: async (entries) => pictures?.prepare(entries),
  }
}
