import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import headless from '@xterm/headless'
import { eventually, tempFolder } from '@parley/testkit'
import { spawn } from 'node-pty'
import { expect, onTestFinished } from 'vitest'
import { currentEnv } from '../config.ts'

/** The id of the conversation that is open. */
export const tea = '01900000-0000-7000-8000-000000000001'

/** That conversation, as events name it. */
export const conversation = {
  conversationId: tea,
  kind: 2,
  title: 'Tea',
  peerId: '',
  peerName: '',
}

type Screen = InstanceType<typeof headless.Terminal>

/** A person in `runChat` at a terminal of so many columns and 14 rows, drawn in half blocks, and the client behind it. */
export async function chatAtTerminal(columns = 40, drawing: 'words' | 'pictures' = 'words') {
  const socketPath = join(await tempFolder(), 'client.sock')
  const server = createServer().listen(socketPath)
  onTestFinished(() => void server.close())
  const screen = new headless.Terminal({ cols: columns, rows: 14, allowProposedApi: true })
  const temporary = await tempFolder()
  const script = join(import.meta.dirname, 'chat-in-pty.ts')
  const pty = spawn(process.execPath, [script, socketPath, tea, drawing], {
    cols: columns,
    rows: 14,
    env: { PATH: currentEnv()['PATH'] ?? '', TERM: 'xterm-256color', TMPDIR: temporary },
  })
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)))
  onTestFinished(() => pty.kill())
  pty.onData((text) => screen.write(text))
  const [socket] = (await once(server, 'connection')) as [Socket]
  const asked: Record<string, unknown>[] = []
  createInterface({ input: socket }).on('line', (line) => {
    asked.push(JSON.parse(line) as Record<string, unknown>)
  })
  const event = (value: object) => void socket.write(`${JSON.stringify(value)}\n`)
  event({ type: 'connection', connection: { state: 'caught-up', server: 's' } })
  const type = (text: string) => pty.write(text)
  return { ...viewOf(screen), type, event, asked, ended, temporary }
}

function viewOf(screen: Screen) {
  const rows = () => {
    const { active } = screen.buffer
    const all = Array.from({ length: active.length }, (_, at) => active.getLine(at))
    return all.map((line) => line?.translateToString(true) ?? '').filter((text) => text !== '')
  }
  const shows = (...wanted: (string | RegExp)[]) =>
    eventually(() => {
      const last = rows().slice(-wanted.length)
      wanted.forEach((text, at) => expect(last[at]).toMatch(text))
    })
  // Of the first character that is a half block, as 0xrrggbb.
  const drawnColour = () => {
    const { active } = screen.buffer
    const lines = Array.from({ length: active.length }, (_, at) => active.getLine(at))
    const drawn = lines.find((line) => line?.translateToString().startsWith('▀'))
    return drawn?.getCell(0)?.getFgColor()
  }
  return { rows, shows, drawnColour, cursorColumn: () => screen.buffer.active.cursorX }
}
