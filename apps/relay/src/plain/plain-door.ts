import type { PlainDoor } from './plain-client.ts'
import { PlainStream } from './plain-stream.ts'
import type { PlainParts } from './plain-stream.ts'

/** Where clients that know no tokens, ids or frames log in, whatever dialect they speak. */
export function plainDoor(parts: PlainParts): PlainDoor {
  return {
    async login(asked, client) {
      const credentials = await parts.accounts.login(asked)
      const stream = new PlainStream(parts, client, asked, credentials)
      await stream.welcomed
      return stream
    },
  }
}
