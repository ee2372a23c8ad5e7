import { once } from 'node:events'
import { createConnection } from 'node:net'
import { onTestFinished } from 'vitest'

/** An answer as it stood on the wire. */
interface RawAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** One connection on which a test writes HTTP itself. */
export async function connectRaw(root: string) {
  const { hostname, port } = new URL(root)
  const socket = createConnection(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  let isEnded = false
  const ended = once(socket, 'end').then(() => {
    isEnded = true
  })
  let come = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => (come = Buffer.concat([come, bytes])))
  const until = async <T>(look: () => T | undefined): Promise<T> => {
    for (;;) {
      const seen = look()
      if (seen !== undefined) return seen
      if (isEnded) throw new Error('the server has hung up in the middle of an answer')
      await Promise.race([once(socket, 'data'), ended])
    }
  }
  return {
    /** Resolves when the server has closed its side. */
    ended,
    /** Sends a request without a body, and reads exactly its answer. */
    ask: async (method: string, path: string, headers: Record<string, string> = {}) => {
      const lines = Object.entries({ Host: 'test', ...headers }).map(([k, v]) => `${k}: ${v}\r\n`)
      socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
      const end = await until(() => indexOf(come, '\r\n\r\n'))
      const head = readHead(come.subarray(0, end).toString('latin1'))
      const hasNoBody = method === 'HEAD' || head.status === 304
      const size = hasNoBody ? 0 : Number(head.headers['content-length'])
      const start = end + 4
      const body = await until(() => {
        return come.length >= start + size ? come.subarray(start, start + size) : undefined
      })
      come = come.subarray(start + size)
      return { ...head, body } satisfies RawAnswer
    },
    /** What came that no answer has accounted for. */
    surplus: () => come.length,
  }
}

function indexOf(bytes: Buffer, text: string): number | undefined {
  const at = bytes.indexOf(text)
  return at < 0 ? undefined : at
}

function readHead(text: string) {
  const [first = '', ...lines] = text.split('\r\n')
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(pairs) }
}
