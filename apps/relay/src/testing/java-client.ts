import { eventually } from '@parley/testkit'
import { ObjectStream, readObjects } from '../dialects/java/java-serialisation/object-stream.ts'
import { encodeModifiedUtf } from '../dialects/java/java-serialisation/modified-utf.ts'
import type { JavaMessage } from '../dialects/java/java-serialisation/known-classes.ts'
import { recorded } from '../dialects/java/java-serialisation/recorded.ts'
import { writeMessage } from '../dialects/java/java-serialisation/write-message.ts'
import type { MessageToWrite } from '../dialects/java/java-serialisation/write-message.ts'
import { bareSocket } from './bare-socket.ts'
import type { BareSocket } from './bare-socket.ts'

const patiently = { timeoutMs: 30_000 }
const maxBytes = 16 * 1024 * 1024

/** What a JVM would write for a `User` in a stream of its own. */
export function userBytes(name: string, password: string): Buffer {
  // The class as a JVM has described it, up to the values.
  const user = recorded('user')
  const values = user.indexOf(Buffer.from([0x78, 0x70])) + 2
  return Buffer.concat([user.subarray(0, values), stringBytes(password), stringBytes(name)])
}

function stringBytes(text: string): Buffer {
  const bytes = encodeModifiedUtf(text)
  return Buffer.concat([Buffer.from([0x74, bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** A client that speaks as the Java client of S1, a new stream for each object. */
export class JavaClient {
  readonly bare: BareSocket
  readonly received: JavaMessage[] = []
  /** The `serialVersionUID` that the server says last. */
  uid: bigint | undefined

  constructor(address: string) {
    this.bare = bareSocket(address)
    const stream = new ObjectStream()
    this.bare.socket.on('data', (bytes: Buffer) => {
      const { objects, refused } = readObjects(stream, bytes, maxBytes)
      if (refused !== undefined) throw new Error(refused)
      for (const each of objects)
        if (each.className === 'qqcommon.Message') this.received.push(each)
      this.uid = stream.messageUid
    })
  }

  get isClosed(): boolean {
    return this.bare.got.closed
  }

  write(bytes: Buffer): this {
    this.bare.socket.write(bytes)
    return this
  }

  logIn(name: string, password: string): this {
    return this.write(userBytes(name, password))
  }

  send(message: MessageToWrite, uid = 1n): this {
    return this.write(writeMessage(message, uid))
  }

  /** Waits for so many messages of a type, and gives them. */
  async messages(mesType: string, count = 1): Promise<JavaMessage[]> {
    const found = () => this.received.filter((each) => each.mesType === mesType)
    await eventually(() => found().length >= count, patiently)
    return found()
  }

  /** Waits for so many texts of a sender, and gives them. */
  async textsFrom(sender: string, count = 1): Promise<string[]> {
    const found = () => this.received.filter((each) => each.sender === sender)
    await eventually(() => found().length >= count, patiently)
    return found().map(({ content = '' }) => content)
  }

  /** Waits for a message with these words in it, and gives it. */
  async told(words: string): Promise<JavaMessage> {
    const found = () => this.received.find(({ content = '' }) => content.includes(words))
    return eventually(() => {
      const message = found()
      if (message === undefined) throw new Error(`nothing of "${words}" was told`)
      return message
    }, patiently)
  }

  /** Waits for the end of the connection. */
  async ended(): Promise<void> {
    await eventually(() => this.isClosed, patiently)
  }
}
