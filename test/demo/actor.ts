import { ParleyCommand, contentOf } from '../harness/parley-command.ts'
import type { Line, RunningCommand } from '../harness/parley-command.ts'
import { passwordOf } from '../harness/person.ts'
import { printed, shown, typed } from './transcript.ts'

/** Somebody in the demo: a home of their own, a terminal to type in and one that watches. */
export class Actor {
  readonly name: string
  readonly #parley: ParleyCommand
  #watch: RunningCommand | undefined

  constructor(name: string, home: string, server: string) {
    this.name = name
    this.#parley = new ParleyCommand(home, server)
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
  const word = (value: unknown) => (typeof value === 'string' ? value : '')
  if (line.type === 'entry') {
    const { kind, text, name, title } = contentOf(line)
    const words = [text, name, title, kind].map(word).find(Boolean) ?? ''
    return `#${Number(line['seq'])} ${word(line['senderName']) || 'server'}: ${words}`
  }
  if (line.type === 'presence') return `${word(line['name'])} is ${word(line['availability'])}`
  const { type, ...rest } = line
  const facts = Object.entries(rest).filter(([, value]) => typeof value !== 'object')
  return `${type}: ${facts.map(([key, value]) => `${key} ${String(value)}`).join(', ')}`
}
