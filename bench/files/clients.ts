import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { startPinned } from '../measure/pinned.ts'
import type { LoadAnswer, LoadRequest } from './load.ts'

const program = path.join(import.meta.dirname, 'clients-process.ts')

/** A load that went well. */
export type LoadResult = Exclude<LoadAnswer, { kind: 'failed' }>

/** All clients of all servers, in a process of their own. */
export class Clients {
  readonly #child: ChildProcess
  readonly #died: Promise<never>

  constructor(core: number) {
    this.#child = startPinned({
      core,
      args: [program],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#died = once(this.#child, 'exit').then((): never => {
      throw new Error('the clients have died')
    })
    // Told to whoever asks; when nobody does, they have ended as they should.
    this.#died.catch(() => undefined)
  }

  /** Carries a load out; throws when a byte was lost or an answer was another than it should be. */
  async carryOut(request: LoadRequest): Promise<LoadResult> {
    const answered = new Promise<LoadAnswer>((resolve) => {
      this.#child.once('message', (answer) => resolve(answer as LoadAnswer))
    })
    this.#child.send(request)
    const answer = await Promise.race([answered, this.#died])
    if (answer.kind === 'failed') throw new Error(`the clients failed: ${answer.message}`)
    return answer
  }

  /** Ends the process; harmless when it has ended. */
  async stop(): Promise<void> {
    if (!this.#child.connected) return
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
