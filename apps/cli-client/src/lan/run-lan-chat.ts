import type { ChatClient } from '@parley/client'
import type { Cli } from '../cli.ts'
import { LinePrompt } from '../chat/line-prompt.ts'
import type { EventLine } from '../output.ts'
import { withClient } from '../session.ts'
import { LanChat } from './lan-chat.ts'
import { LanRoom } from './lan-room.ts'
import { lanSelf, withLan } from './with-lan.ts'
import type { LanSelf } from './with-lan.ts'

/** Shows who is here and what they say until the command is interrupted. */
export async function watchLan(cli: Cli, askedName: string | undefined): Promise<void> {
  const show = async ({ line, text }: EventLine) => {
    cli.out.result(line, text)
    await cli.out.taken(cli.signal)
  }
  const self = await lanSelf(cli, askedName)
  const room = await LanRoom.open(cli.config.home, show)
  const watching = withLan(cli, self, partOf(room), () => new Promise<void>(() => undefined))
  // To be interrupted is how a watch ends well.
  await watching.catch((error: unknown) => {
    if (!cli.signal.aborted) throw error
  })
}

/** Chats line by line with those in the same network. */
export async function chatInLan(
  cli: Cli,
  asked: string | undefined,
  askedName: string | undefined,
): Promise<void> {
  const self = await lanSelf(cli, askedName)
  const prompt = new LinePrompt(cli.terminal)
  const leave = () => prompt.close()
  cli.signal.addEventListener('abort', leave, { once: true })
  try {
    // With a client of the relay, what is said here gets there under the same id.
    if (!self.isLoggedIn) await chat({ cli, self, prompt, asked })
    else {
      await withClient(cli, 'transient', ({ client }) => chat({ cli, self, prompt, asked, client }))
    }
  } catch (error) {
    if (!cli.signal.aborted) throw error
  } finally {
    cli.signal.removeEventListener('abort', leave)
    leave()
  }
}

interface ChatAsked {
  readonly cli: Cli
  readonly self: LanSelf
  readonly prompt: LinePrompt
  readonly asked: string | undefined
  readonly client?: ChatClient
}

async function chat({ cli, self, prompt, asked, client }: ChatAsked): Promise<void> {
  const print = ({ line, text }: EventLine) => {
    if (cli.out.json) cli.out.result(line, '')
    else prompt.above(text)
    return Promise.resolve()
  }
  const room = await LanRoom.open(cli.config.home, print)
  await withLan(cli, self, partOf(room), (inLan) =>
    new LanChat({ inLan, room, prompt, print, client }).run(asked),
  )
}

function partOf(room: LanRoom) {
  return {
    appear: true,
    peer: room.peer.bind(room),
    met: room.met.bind(room),
    show: room.show.bind(room),
  }
}
