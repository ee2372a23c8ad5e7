// Runs `runChat` in a pseudo terminal with a client that the test speaks for: what the client is
// asked goes to the test as JSON lines over a socket, what the test writes there is heard as events.
// A picture is asked for as `{download: seq}` and had by `{type: 'downloaded', seq, from}`, a path.
import { copyFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { ChatClient, ClientEvent, DownloadOptions, LocalState } from '@parley/client'
import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { Output } from '../output.ts'
import { runChat } from '../chat/run-chat.ts'

const [socketPath = '', target = '', pictures = ''] = process.argv.slice(2)
const socket = connect(socketPath)
const tell = (asked: object) => void socket.write(`${JSON.stringify(asked)}\n`)
const listeners = new Set<(event: ClientEvent) => void>()

createInterface({ input: socket }).on('line', (line) => {
  const event = JSON.parse(line, revive) as ClientEvent | Downloaded
  if (event.type === 'downloaded') downloads.get(event.seq)?.(event.from)
  else for (const listener of listeners) listener(event)
})

interface Downloaded {
  readonly type: 'downloaded'
  readonly seq: number
  readonly from: string
}

const downloads = new Map<number, (from: string) => void>()

function revive(key: string, value: unknown): unknown {
  const isBytes = key === 'thumbhash' || key === 'digest'
  if (isBytes && Array.isArray(value)) return Buffer.from(value as number[])
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
  async download({ seq }: { seq: number }, path: string, { signal }: DownloadOptions) {
    const from = await new Promise<string>((resolve, reject) => {
      downloads.set(seq, resolve)
      signal?.addEventListener('abort', () => reject(signal.reason as Error))
      tell({ download: seq })
    })
    await copyFile(from, path)
    return { path }
  },
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
        isDirect: false,
        directHost: '',
        lan: { addresses: [], port: 20_006 },
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
  pictures === 'pictures'
    ? { how: 'blocks', cell: { width: 8, height: 16 }, colours: 'all' }
    : undefined,
)
socket.end()
