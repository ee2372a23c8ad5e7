import { isAppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import { nameKey } from '../../domain/names.ts'
import type { Events } from '../../events.ts'
import type { PlainClient, PlainDoor, PlainSession } from '../../plain/plain-client.ts'
import { granted, listAnswer, parseRequest, readingsOf, refused } from './text-codec.ts'
import type { TextRequest } from './text-codec.ts'

/** Requests of somebody who has not logged in. */
export const maxEarlyRequests = 5

/** What the dialect is made of. */
export interface TextParts {
  readonly plain: PlainDoor
  readonly scheduler: Scheduler
  readonly events: Pick<Events, 'sessionFailed'>
}

type Said<Code> = Extract<TextRequest, { code: Code }>

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Who is at the other end of a connection: nobody until the login, somebody after it. */
export class Visitor {
  readonly #parts: TextParts
  readonly #client: PlainClient
  readonly #address: string
  #session: PlainSession | undefined
  #earlyRequests = 0
  #isGone = false

  constructor(parts: TextParts, client: PlainClient, address: string) {
    this.#parts = parts
    this.#client = client
    this.#address = address
  }

  /** Set by a login. */
  get session(): PlainSession | undefined {
    return this.#session
  }

  /** Whether it has asked often enough without coming in. */
  get hasHadItsTries(): boolean {
    return this.#session === undefined && this.#earlyRequests >= maxEarlyRequests
  }

  /** The answer to one request; the seed has one for all that fails. */
  async answer(bytes: Buffer): Promise<string> {
    if (this.#session === undefined) this.#earlyRequests += 1
    const request = requestOf(bytes)
    if (request === undefined) return refused
    try {
      return (await this.#carryOut(request)) ?? refused
    } catch (error) {
      if (!isAppError(error)) this.#parts.events.sessionFailed(undefined, error)
      return refused
    }
  }

  /** The client has said that it leaves, or is just not there any more. */
  gone(clean: boolean): void {
    this.#isGone = true
    if (clean) this.#session?.leave()
    else this.#session?.cut()
  }

  async #carryOut(request: TextRequest): Promise<string | undefined> {
    const session = this.#session
    if (request.code === '101') return session ? undefined : this.#logIn(request)
    if (session === undefined) return undefined
    return request.code === '102' ? this.#list(session) : send(session, request)
  }

  async #logIn({ name, password }: Said<'101'>): Promise<string | undefined> {
    const asked = { name, password, address: this.#address, dialect: 'text' } as const
    const session = await this.#parts.plain.login(asked, this.#client)
    if (this.#isGone) {
      session.cut()
      return undefined
    }
    this.#session = session
    return granted
  }

  async #list(session: PlainSession): Promise<string> {
    const people = await session.online()
    return listAnswer([...people, ...session.groups()], this.#parts.scheduler.now())
  }
}

/** What these bytes ask; undefined when they are no text, or no request. */
function requestOf(bytes: Buffer): TextRequest | undefined {
  try {
    return parseRequest(utf8.decode(bytes))
  } catch {
    return undefined
  }
}

/** The sender that an old client names has to be who logged in. */
async function send(session: PlainSession, { from, to, text }: Said<'103'>) {
  if (nameKey(from) !== nameKey(session.userName)) return undefined
  await session.say(readingsOf(to), text)
  return granted
}
