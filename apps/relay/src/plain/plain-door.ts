import type { Engine } from '../session/engine.ts'
import type { PlainDoor } from './plain-client.ts'
import { PlainStream } from './plain-stream.ts'
import type { PlainParts } from './plain-stream.ts'

/** Where clients that know no tokens, ids or frames log in, whatever dialect they speak. */
export function plainDoor(parts: PlainParts): PlainDoor {
  return {
    async login(asked, client) {
      const credentials = await parts.accounts.login(asked)
      await settledAcks(parts.engine)
      const stream = new PlainStream(parts, client, asked, credentials)
      await stream.welcomed
      return stream
    },
  }
}

/** What the device has just taken on another connection counts, though it comes back at once without a cursor. */
async function settledAcks({ acks, commits }: Engine): Promise<void> {
  acks.flush()
  // Commands are carried out in their order: this one comes after what was flushed.
  await commits.run({ name: 'ackCursors', input: { marks: [] } })
}
