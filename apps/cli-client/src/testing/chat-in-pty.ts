// Runs `runChat` in a pseudo terminal with a client that the test speaks for: what the client is
// asked goes to the test as JSON lines over a socket, what the test writes there is heard as events.
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { ChatClient, ClientEvent, LocalState } from '@parley/client'
import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { Output } from '../output.ts'
import { runChat } from '../chat/run-chat.ts'

const [socketPath = '', target = ''] = process.argv.slice(2)
const socket = connect(socketPath)
const tell = (asked: object) => void socket.write(`${JSON.stringify(asked)}\n`)
const listeners = new Set<(event: ClientEvent) => void>()

createInterface({ input: socket }).on('line', (line) => {
  const event = JSON.parse(line, revive) as ClientEvent
  for (const listener of listeners) listener(event)
})

function revive(key: string, value: unknown): unknown {
  return key === 'entries' && Array.isArray(value)
    ? value.map((entry: object) => ({ ...chat.Entry.create({}), ...entry }))
    : value
}

const client = {
  on(listener: (event: ClientEvent) => void) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  async send(to: unknown, content: chat.Content, options: object) {
    tell({ send: content.content?.value, to, options })
    const text = content.content?.$case === 'text' ? content.content.value.text : ''
    if (text === 'refuse me') throw new AppError('forbidden', 'BLOCKED', 'they blocked you')
    return new Promise(() => undefined)
  },
  read: (conversationId: string, seq: number) => tell({ read: seq, conversationId }),
  typing: (conversationId: string, typing: boolean) => tell({ typing, conversationId }),
  watchPresence: () => tell({ watching: true }),
}

const calls = {
  history: { listMessages: () => Promise.resolve({ entries: [], more: false }) },
  groups: {
    get: ({ conversationId }: { conversationId: Buffer }) =>
      Promise.resolve({ group: chat.Group.create({ conversationId, title: 'Tea' }) }),
  },
}

const controller = new AbortController()
const { stdin, stdout, stderr } = process
await runChat(
  {
    cli: {
      out: new Output(stdout, stderr),
      config: {
        home: '',
        servers: [],
        allowPlaintext: false,
        password: '',
        newPassword: '',
        channel: 'stable',
        upgradeKeys: undefined,
        images: true,
        isMultiplexed: false,
      },
      terminal: { stdin, stdout, stderr },
      signal: controller.signal,
    },
    client: client as unknown as ChatClient,
    calls: calls as unknown as ChatClient['calls'],
    login: {
      userId: '01900000-0000-7000-8000-00000000000a',
      userName: 'alice',
    } as ChatClient['login'],
    state: { account: () => ({ conversations: () => [] }) } as unknown as LocalState,
  },
  target,
)
socket.end()
