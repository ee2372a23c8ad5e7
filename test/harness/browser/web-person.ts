import type { Page } from 'puppeteer-core'
import { eventually } from '@parley/testkit'

/** What a page was told since it was loaded, in the order in which it was told. */
export interface PageTold {
  readonly entries: readonly {
    /** In base64, as all ids in JSON. */
    readonly conversationId: string
    readonly seq: number
    readonly from: string
    /** Of texts. */
    readonly text?: string
  }[]
  readonly answers: readonly {
    readonly id: string
    readonly seq?: number
    readonly reason?: string
  }[]
  /** `bob ONLINE`. */
  readonly presence: readonly string[]
  readonly caughtUp: boolean
  /** Code and reason of the end of the socket; empty while it is open. */
  readonly ending: string
}

/** Where a message goes to: ids in base64. */
type PageTarget = { readonly conversationId: string } | { readonly userId: string }

/** Somebody in front of a page; what is done is done by the page's own script. */
export class WebPerson {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  /** `Register` or `Login`; answers the credentials. */
  enter(method: 'Register' | 'Login', name: string, password: string) {
    return this.#run<Readonly<Record<string, string>>>('enter', method, name, password)
  }

  /** Calls a method by `fetch`, for example `Groups/List`; rejects with its reason. */
  call<Answer>(method: string, request: object = {}): Promise<Answer> {
    return this.#run('call', method, request)
  }

  /** Opens the socket, from where this page's last one ended; resolves when it has all that was stored. */
  async open(): Promise<void> {
    await this.begin()
    await eventually(async () => (await this.told()).caughtUp)
  }

  /** Opens the socket without waiting. */
  begin(): Promise<void> {
    return this.#run('open')
  }

  /** Sends words; resolves with the number that they got, rejects with the reason of a refusal. */
  async say(target: PageTarget, text: string): Promise<number> {
    const id = await this.#run<string>('say', target, text)
    return eventually(async () => {
      const answer = (await this.told()).answers.find((one) => one.id === id)
      if (answer?.reason !== undefined) throw new Error(answer.reason)
      return answer?.seq ?? false
    }) as Promise<number>
  }

  told(): Promise<PageTold> {
    return this.#run('told')
  }

  /** Says goodbye and waits for the end; answers its code. */
  async bye(): Promise<string> {
    await this.#run('bye')
    return eventually(async () => (await this.told()).ending || false) as Promise<string>
  }

  /** Loads the page again: everything is gone but what it has stored. */
  async reload(): Promise<void> {
    await this.#page.reload()
  }

  /** What the page has stored, in words. */
  async stored(): Promise<string> {
    return (await this.#page.evaluate(`localStorage.getItem('parley')`)) as string
  }

  /** Puts what another page has stored in the place of its own. */
  async steal(stored: string): Promise<void> {
    await this.#page.evaluate(`localStorage.setItem('parley', ${JSON.stringify(stored)})`)
    await this.reload()
  }

  /** Runs a function of the page's own script. */
  async #run<Answer>(name: string, ...given: readonly unknown[]): Promise<Answer> {
    const values = given.map((one) => JSON.stringify(one)).join(', ')
    return (await this.#page.evaluate(`parley.${name}(${values})`)) as Answer
  }
}
