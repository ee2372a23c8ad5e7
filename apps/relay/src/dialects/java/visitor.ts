import { AppError, isAppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import { safeFileName } from '@parley/words'
import { nameKey } from '../../domain/names.ts'
import type { Events } from '../../events.ts'
import type { PlainClient, PlainDoor, PlainSession } from '../../plain/plain-client.ts'
import type { Arrived } from './file-inbox.ts'
import { javaTime } from './java-time.ts'
import type { JavaMessage, JavaObject, JavaUser } from './java-serialisation/known-classes.ts'
import type { MessageToWrite } from './java-serialisation/write-message.ts'
import { mesType } from './message-types.ts'

/** What the dialect is made of. */
export interface JavaParts {
  readonly plain: PlainDoor
  readonly scheduler: Scheduler
  readonly events: Pick<Events, 'sessionFailed'>
}

/** What a client is told, if anything; after the last word it is let go. */
export interface Answer {
  readonly message?: MessageToWrite
  readonly isLast?: boolean
}

const serverName = 'Server'

/** Who is at the other end of a connection: nobody until the login, somebody after it. */
export class Visitor {
  readonly #parts: JavaParts
  readonly #client: PlainClient
  readonly #address: string
  #session: PlainSession | undefined
  #isGone = false

  constructor(parts: JavaParts, client: PlainClient, address: string) {
    this.#parts = parts
    this.#client = client
    this.#address = address
  }

  /** Set by a login. */
  get session(): PlainSession | undefined {
    return this.#session
  }

  /** What one object comes to, with the file that came in it; a refusal is told in words. */
  async answer(object: JavaObject, file: Arrived): Promise<Answer> {
    try {
      const isUser = object.className === 'qqcommon.User'
      if (this.#session === undefined) {
        return isUser ? await this.#logIn(object) : this.refusal('log in first')
      }
      if (isUser) return this.#told(`you are logged in as ${this.#session.userName}`)
      return await this.#carryOut(this.#session, object, file)
    } catch (error) {
      if (isAppError(error)) return this.#refused(error.message, object)
      this.#parts.events.sessionFailed(undefined, error)
      return this.#refused('something went wrong here', object)
    }
  }

  /** The last words to a client whose bytes cannot be read, or that is not let in. */
  refusal(why: string): Answer {
    if (this.#session !== undefined) return { ...this.#told(why), isLast: true }
    return { message: { mesType: mesType.notLoggedIn, content: why }, isLast: true }
  }

  /** What the server itself says. */
  words(content: string): MessageToWrite {
    const getter = this.#session?.userName ?? ''
    const sendTime = javaTime(this.#parts.scheduler.now())
    return { mesType: mesType.text, sender: serverName, getter, content, sendTime }
  }

  /** The connection is gone; a client that has said so has left before. */
  gone(): void {
    this.#isGone = true
    this.#session?.cut()
  }

  async #logIn({ userId = '', password = '' }: JavaUser): Promise<Answer> {
    const asked = { name: userId, password, address: this.#address, dialect: 'java' } as const
    const session = await this.#parts.plain.login(asked, this.#client)
    if (this.#isGone) {
      session.cut()
      return {}
    }
    this.#session = session
    return { message: { mesType: mesType.loggedIn, getter: session.userName } }
  }

  async #carryOut(session: PlainSession, message: JavaMessage, file: Arrived): Promise<Answer> {
    const { sender = '' } = message
    // The series lets a client name any sender.
    if (sender !== '' && nameKey(sender) !== nameKey(session.userName)) {
      return this.#told(`you are ${session.userName}, and cannot send as somebody else`)
    }
    switch (message.mesType) {
      case mesType.askOnline:
        return this.#online(session)
      case mesType.text:
        return this.#say(session, message.getter ?? '', message)
      case mesType.toAll:
        return this.#sayToGroup(session, message)
      case mesType.file:
        return this.#sendFile(session, message, file)
      case mesType.exit:
        session.leave()
        return { isLast: true }
      default:
        return this.#told('messages of this type are not served here')
    }
  }

  /** People only: the client takes what stands between spaces for a name. */
  async #online(session: PlainSession): Promise<Answer> {
    const content = (await session.online()).join(' ')
    const names = { sender: serverName, getter: session.userName }
    return { message: { mesType: mesType.online, ...names, content } }
  }

  async #say(session: PlainSession, to: string, { content = '' }: JavaMessage): Promise<Answer> {
    await session.say(to, content)
    return {}
  }

  /** Where the client keeps it (`src`) gives the name; where others shall put it (`dest`) is theirs to say. */
  async #sendFile(session: PlainSession, message: JavaMessage, file: Arrived): Promise<Answer> {
    const { getter = '', src = '', fileBytes = 0 } = message
    if (fileBytes === 0) throw notSent('FILE_EMPTY', 'there are no bytes in it')
    if ('whyNot' in file) throw notSent('FILE_NOT_HERE', file.whyNot)
    await session.sendFile(getter, { name: safeFileName(src), bytes: file.bytes })
    return {}
  }

  #sayToGroup(session: PlainSession, message: JavaMessage): Answer | Promise<Answer> {
    const { getter = '' } = message
    if (getter !== '') {
      return this.#say(session, getter.includes('#') ? getter : `#${getter}`, message)
    }
    const [only, ...others] = session.groups()
    if (only === undefined) return this.#told('you are in no group')
    if (others.length === 0) return this.#say(session, only, message)
    return this.#told(`name one of your groups as getter: ${[only, ...others].join(', ')}`)
  }

  #refused(why: string, object: JavaObject): Answer {
    if (this.#session === undefined) return this.refusal(why)
    const { getter = '' } = object.className === 'qqcommon.Message' ? object : {}
    return this.#told(getter === '' ? why : `not sent to ${getter}: ${why}`)
  }

  #told(content: string): Answer {
    return { message: this.words(content) }
  }
}

function notSent(reason: string, message: string): AppError {
  return new AppError('precondition', reason, message)
}
