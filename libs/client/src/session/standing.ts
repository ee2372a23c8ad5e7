import type { chat } from '@parley/proto'
import type { ChatStream } from './stream.ts'

/** What a session has asked for once and every new stream must be told again. */
export class Standing {
  #watch: chat.Watch | undefined
  #status: chat.SetStatus | undefined

  watch(watch: chat.Watch, stream: ChatStream | undefined): void {
    this.#watch = watch
    stream?.push({ $case: 'watch', value: watch })
  }

  status(status: chat.SetStatus, stream: ChatStream | undefined): void {
    this.#status = status
    stream?.push({ $case: 'setStatus', value: status })
  }

  up(stream: ChatStream | undefined): void {
    if (this.#watch) stream?.push({ $case: 'watch', value: this.#watch })
    if (this.#status) stream?.push({ $case: 'setStatus', value: this.#status })
  }
}
