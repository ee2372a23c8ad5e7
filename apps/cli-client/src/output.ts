import { visible, visibleJson } from '@parley/words'

/** A place for text, for example the process's stdout. */
export interface TextSink {
  /** `taken` is called when the system has taken the text, or nobody can take it any more. */
  write(text: string, taken?: () => void): unknown
}

/** A line for programs: its `type` says which fields follow, see docs/cli.md. */
export type JsonLine = { readonly type: string } & Readonly<Record<string, unknown>>

/** An event for programs and for people; an empty text is for programs only. */
export interface EventLine {
  readonly line: JsonLine
  readonly text: string
}

/** Where a command says what it did: sentences for people, or JSON lines after `--json`. */
export class Output {
  json = false
  readonly #out: TextSink
  readonly #err: TextSink

  constructor(out: TextSink, err: TextSink) {
    this.#out = out
    this.#err = err
  }

  /** One result: the line for programs, or what `text` says for people. */
  result(line: JsonLine, text: string | (() => string)): void {
    this.#out.write(this.json ? `${visibleJson(line)}\n` : human(text))
  }

  /** Many results of one kind: a JSON line each, or one text for people, `empty` when there are none. */
  results(lines: readonly JsonLine[], text: () => string, empty: string): void {
    if (this.json) for (const line of lines) this.result(line, '')
    else if (lines.length === 0) this.note(empty)
    else this.#out.write(human(text))
  }

  /** Resolves when everything said so far was handed to the system, or when the signal aborts. */
  async taken(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done, { once: true })
      this.#out.write('', done)
    })
  }

  /** Help that was asked for, on stdout in both forms. */
  help(text: string): void {
    this.#out.write(human(text))
  }

  /** A remark on stderr that is no result; silent after `--json`. */
  note(text: string): void {
    if (!this.json) this.#err.write(human(text))
  }

  /** Why the command failed, on stderr in both forms. */
  failure(program: string, reason: string, message: string): void {
    const line = { type: 'error', reason, message }
    this.#err.write(
      this.json ? `${visibleJson(line)}\n` : human(`${program}: ${reason}: ${message}`),
    )
  }
}

// The one gate to the terminal: whatever a command composed, nothing that a terminal obeys passes.
function human(text: string | (() => string)): string {
  const words = visible(typeof text === 'string' ? text : text())
  return words === '' || words.endsWith('\n') ? words : `${words}\n`
}
