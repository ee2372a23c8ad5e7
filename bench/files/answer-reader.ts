/** An answer as it has come so far. */
export interface WireAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly bodyBytes: number
  readonly isWhole: boolean
}

const headEnd = '\r\n\r\n'

/** Reads HTTP/1.1 answers of a known length; chunked ones only when they have no body. */
export class AnswerReader {
  #headText = ''
  #answer: { -readonly [Key in keyof WireAnswer]: WireAnswer[Key] } = blank()
  #lengthBytes: number | undefined
  #toHead = false
  #onBytes: ((bytes: Buffer) => void) | undefined

  /** Begins the next answer, which changes as its bytes come; one to HEAD ends with its head. */
  expect(toHead = false, onBytes?: (bytes: Buffer) => void): WireAnswer {
    this.#headText = ''
    this.#answer = blank()
    this.#toHead = toHead
    this.#onBytes = onBytes
    return this.#answer
  }

  /** Takes the next bytes; throws when they are not what an answer looks like. */
  take(bytes: Buffer): void {
    const answer = this.#answer
    if (answer.status > 0) return this.#takeBody(bytes)
    const before = this.#headText.length
    this.#headText += bytes.toString('latin1', 0, Math.min(bytes.length, 64 * 1024))
    const end = this.#headText.indexOf(headEnd)
    if (end < 0) return
    this.#readHead(this.#headText.slice(0, end))
    this.#takeBody(bytes.subarray(end + headEnd.length - before))
  }

  #readHead(text: string): void {
    const [first = '', ...lines] = text.split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1])
    if (!(status > 0)) throw new Error(`no answer: ${first.slice(0, 80)}`)
    const headers = Object.fromEntries(lines.map((line) => splitLine(line)))
    Object.assign(this.#answer, { status, headers })
    const length = headers['content-length']
    const isEmpty = this.#toHead || status === 204 || status === 304
    this.#lengthBytes = isEmpty ? 0 : length === undefined ? undefined : Number(length)
  }

  #takeBody(bytes: Buffer): void {
    const answer = this.#answer
    if (this.#lengthBytes === undefined) {
      // Chunked: what these servers send so is empty.
      answer.isWhole = bytes.toString('latin1', 0, 8) === '0\r\n\r\n'
      if (bytes.length > 0 && !answer.isWhole) throw new Error('an answer of unknown length')
      return
    }
    answer.bodyBytes += bytes.length
    if (bytes.length > 0) this.#onBytes?.(bytes)
    if (answer.bodyBytes > this.#lengthBytes) throw new Error('more bytes than announced')
    answer.isWhole = answer.bodyBytes === this.#lengthBytes
  }
}

function blank() {
  return { status: 0, headers: {}, bodyBytes: 0, isWhole: false }
}

function splitLine(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}
