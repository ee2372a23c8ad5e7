import { createInterface, clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import type { Interface } from 'node:readline'
import { visible } from '@parley/words'
import type { Drawing } from '../pictures/painter.ts'
import { textWidth } from '../terminal/width.ts'

const maxHistoryLines = 200

/** Where lines are typed and shown. */
export interface PromptTerminal {
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WritableStream & {
    readonly isTTY?: boolean
    readonly columns?: number
    readonly rows?: number
  }
}

/** A place right under something printed, for as long as nothing else is and the screen keeps its width. */
export interface Spot {
  /** Which of all printed texts it is under. */
  readonly printed: number
  readonly columns: number | undefined
  /** How many rows above it may be drawn again. */
  readonly rows: number
}

/** What the prompt does besides reading lines. */
export interface LinePromptOptions {
  /** Completes the word before the cursor: answers the candidates and the part they replace. */
  readonly complete?: (line: string) => [string[], string]
  /** Called with the line so far at every key. */
  readonly typed?: (line: string) => void
}

/**
 * A prompt at the bottom of the screen: what others write appears above it and leaves the line
 * being typed as it is. Without a terminal it only reads lines and prints.
 */
export class LinePrompt {
  readonly #terminal: PromptTerminal
  readonly #readline: Interface
  readonly #live: boolean
  readonly #typed: AsyncIterator<string>
  #closed = false
  #printed = 0
  #keyBefore: string | undefined
  #shown = false

  constructor(terminal: PromptTerminal, options: LinePromptOptions = {}) {
    this.#terminal = terminal
    const { stdin: input, stdout: output } = terminal
    const live = output.isTTY === true && 'isTTY' in input && input.isTTY === true
    this.#live = live
    this.#readline = createInterface({
      input,
      ...(live ? { output } : {}),
      terminal: live,
      historySize: maxHistoryLines,
      ...(options.complete ? { completer: this.#completer(options.complete) } : {}),
    })
    // At once: lines and the end that come before somebody asks for them would be lost.
    this.#typed = this.#readline[Symbol.asyncIterator]()
    this.#readline.on('close', () => (this.#closed = true))
    this.#readline.on('SIGINT', () => this.#interrupt())
    if (!live) return
    // After readline has heard of it.
    input.on('keypress', (_text: unknown, key?: { readonly name?: string }) => {
      this.#keyBefore = key?.name
      options.typed?.(this.#readline.line)
    })
  }

  /** Shows the prompt with this text in front. */
  ask(text: string): void {
    this.#readline.setPrompt(visible(text))
    this.#shown = true
    if (this.#live && !this.#closed) this.#readline.prompt(true)
  }

  /** Prints a text above the prompt. */
  above(text: string): void {
    this.#print(`${visible(text)}\n`, 0)
  }

  /** Right under what was printed last. */
  spot(): Spot {
    return { printed: this.#printed, columns: this.#terminal.stdout.columns, rows: 0 }
  }

  /** Is this still right under what was printed last? */
  isLast({ printed, columns }: Spot): boolean {
    return printed === this.#printed && columns === this.#terminal.stdout.columns
  }

  /**
   * Draws at a spot, in the place of what was drawn there; below everything else, after a caption,
   * when that cannot be reached any more. Answers the spot below, from where it can be drawn again.
   */
  draw({ text, rows }: Drawing, spot: Spot, caption: string): Spot {
    const back = spot.rows + this.#typedRows()
    const isThere = this.isLast(spot) && back < (this.#terminal.stdout.rows ?? 24)
    if (!isThere) this.above(caption)
    this.#print(text, isThere ? spot.rows : 0)
    return { ...this.spot(), rows }
  }

  // At a second Tab readline prints the candidates and the prompt anew below them.
  #completer(complete: NonNullable<LinePromptOptions['complete']>) {
    return (line: string) => {
      const found = complete(line)
      if (this.#keyBefore === 'tab' && found[0].length > 0) this.#printed += 1
      return found
    }
  }

  #print(safe: string, rowsBack: number): void {
    this.#printed += 1
    const { stdout } = this.#terminal
    const isDrawn = this.#live && this.#shown && !this.#closed
    const rows = isDrawn ? this.#typedRows() : 0
    if (isDrawn || rowsBack > 0) {
      moveCursor(stdout, 0, -rows - rowsBack)
      cursorTo(stdout, 0)
      clearScreenDown(stdout)
    }
    // readline goes up by as many rows as the line being typed had before it draws it again.
    stdout.write(safe + '\n'.repeat(rows))
    if (isDrawn) this.#readline.prompt(true)
  }

  #typedRows(): number {
    return this.#live && this.#shown && !this.#closed ? this.#readline.getCursorPos().rows : 0
  }

  /** The lines typed, until Ctrl-D, Ctrl-C on an empty line or the end of the input; a taken line leaves the screen. */
  async *lines(): AsyncGenerator<string> {
    for (let next = await this.#typed.next(); !next.done; next = await this.#typed.next()) {
      const line = next.value
      if (this.#live) this.#eraseTyped(line)
      yield line
      if (this.#live && !this.#closed) this.#readline.prompt()
    }
  }

  /** Gives the terminal back. */
  close(): void {
    this.#readline.close()
  }

  #interrupt(): void {
    if (this.#readline.line === '') return this.close()
    // As a shell does: Ctrl-C gives up the line, a second one leaves.
    this.#readline.write(null, { ctrl: true, name: 'e' })
    this.#readline.write(null, { ctrl: true, name: 'u' })
  }

  #eraseTyped(line: string): void {
    const { stdout } = this.#terminal
    const columns = stdout.columns ?? 80
    const width = textWidth(this.#readline.getPrompt() + line)
    moveCursor(stdout, 0, -(Math.floor(width / columns) + 1))
    cursorTo(stdout, 0)
    clearScreenDown(stdout)
  }
}
