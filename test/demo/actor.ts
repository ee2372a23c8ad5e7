import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { ParleyCommand, contentOf } from '../harness/parley-command.ts'
import type { Line, RunningCommand } from '../harness/parley-command.ts'
import { passwordOf } from '../harness/person.ts'
import { printed, shown, typed } from './transcript.ts'

/** Somebody in the demo: a home of their own, a terminal to type in and one that watches. */
export class Actor {
  readonly name: string
  /** The folder in which they type. */
  readonly desk: string
  readonly #parley: ParleyCommand
  #watch: RunningCommand | undefined

  private constructor(name: string, desk: string, parley: ParleyCommand) {
    this.name = name
    this.desk = desk
    this.#parley = parley
  }

  /** Gives somebody a home and a desk in a folder of their own. */
  static async enter(name: string, folder: string, server: string): Promise<Actor> {
    const desk = path.join(folder, 'desk')
    await mkdir(desk, { recursive: true })
    return new Actor(name, desk, new ParleyCommand(path.join(folder, 'home'), server, desk))
  }

  /** Types a command, prints what it prints, and answers its JSON lines. */
  async types(...args: string[]): Promise<readonly Line[]> {
    typed(this.name, args)
    const { lines } = await this.#parley.must(args, { PARLEY_PASSWORD: passwordOf(this.name) })
    for (const line of lines) printed(this.name, textOf(line))
    return lines
  }

  /** Sends something and answers its number. */
  async sends(...args: string[]): Promise<number> {
    const sent = (await this.types(...args)).find((line) => line.type === 'sent')
    if (typeof sent?.['seq'] === 'number') return sent['seq']
    throw new Error(`parley ${args.join(' ')} did not say that it sent`)
  }

  /** Begins to watch; what comes from now on is on this actor's screen. */
  async watches(): Promise<void> {
    typed(this.name, ['watch'])
    this.#watch = this.#parley.start(['watch'])
    await this.#watch.until(isCaughtUp)
  }

  /** Stops watching with Ctrl-C, which is a clean leave. */
  async leaves(): Promise<void> {
    shown(this.name, '^C')
    const ended = await this.#watch?.stop()
    this.#watch = undefined
    if (ended && ended.code !== 0)
      throw new Error(`watch ended with ${ended.code}: ${ended.stderr}`)
  }

  /** What is on the screen so far. */
  screen(): readonly Line[] {
    return this.#watch?.lines ?? []
  }

  /** Waits until this appears on the screen, and shows it in the transcript. */
  async sees(what: string, fits: (line: Line) => boolean): Promise<Line> {
    if (!this.#watch) throw new Error(`${this.name} does not watch`)
    const line = await this.#watch.until(fits)
    shown(this.name, `${textOf(line)}  (${what})`)
    return line
  }

  /** Waits until these words appear on the screen. */
  hears(words: string): Promise<Line> {
    return this.sees('message', (line) => contentOf(line)['text'] === words)
  }

  /** Ends what is still running. */
  close(): void {
    this.#watch?.kill('SIGKILL')
  }
}

function isCaughtUp(line: Line): boolean {
  return line.type === 'connection' && line['state'] === 'caught-up'
}

function textOf(line: Line): string {
  const word = (name: string, from: Line = line) => {
    const value = from[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  switch (line.type) {
    case 'login':
      return `logged in as ${word('userName')}`
    case 'contact-changed':
      return `${word('name')}: ${word('state')}`
    case 'group':
      return `#${word('title')}, ${word('memberCount')} members, ${word('role')}`
    case 'sent':
      return `sent as number ${word('seq')} of ${word('conversationId')}`
    case 'downloaded':
      return `${path.basename(word('path'))}, ${word('bytes')} bytes, digest ${word('digest').slice(0, 16)}..`
    case 'conversation': {
      const name = (line['conversation'] ?? {}) as Line
      const title = word('peerName', name) || word('title', name) || word('kind', name)
      return `${title}: ${word('unread')} unread of ${word('headSeq')}`
    }
    case 'presence':
      return `${word('name')} is ${word('availability')}`
    case 'found':
    case 'entry': {
      const content = contentOf(line)
      const words = ['text', 'name', 'title', 'kind'].map((name) => word(name, content))
      return `${word('seq')} ${word('senderName') || 'server'}: ${words.find(Boolean) ?? ''}`
    }
    default:
      return JSON.stringify(line)
  }
}
