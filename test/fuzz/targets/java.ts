import {
  maxEarlyBytes,
  maxObjectBytes,
} from '../../../apps/relay/src/dialects/java/java-connection.ts'
import {
  ObjectStream,
  readObjects,
} from '../../../apps/relay/src/dialects/java/java-serialisation/object-stream.ts'
import type { ByteSink } from '../../../apps/relay/src/dialects/java/java-serialisation/object-stream.ts'
import { records } from '../../../apps/relay/src/dialects/java/java-serialisation/recorded.ts'
import { tag } from '../../../apps/relay/src/dialects/java/java-serialisation/stream-format.ts'
import { piecesOf } from '../input.ts'
import type { Target } from '../target.ts'

/** What a JVM wrote: of `User` and `Message`, and of much that is refused. */
export const javaSessions: readonly Buffer[] = [...records.values()]

/** Tags, lengths and references of Java's serialisation. */
export const javaWords: readonly Buffer[] = [
  ...Object.values(tag).map((value) => Buffer.from([value])),
  ...['aced0005', '71007e0000', '71007e0001', '7100000000', '71ffffffff', '7fffffff', 'ffff'].map(
    (hex) => Buffer.from(hex, 'hex'),
  ),
  ...['\0\x0dqqcommon.User', '\0\x10qqcommon.Message', '\0\x12Ljava/lang/String;', '\0\x02[B'].map(
    (text) => Buffer.from(text, 'latin1'),
  ),
]

/** What the stream may keep to refer to, beside bytes that were not read yet. */
const maxReferredBytes = 600 * 1024

/** Takes every file that a stream announces, as a dialect does: never more of it than was announced. */
class KeptFiles {
  #missingBytes = 0

  begin(lengthBytes: number): ByteSink {
    if (this.#missingBytes > 0) throw new Error('an object came before its file')
    this.#missingBytes = lengthBytes
    return {
      write: ({ length }) => {
        this.#missingBytes -= length
        if (this.#missingBytes < 0) throw new Error('a file has more bytes than were announced')
      },
    }
  }
}

/** What a Java client writes, whole or in pieces. */
export const javaObjects: Target = {
  name: 'Java objects',
  weight: 18,
  maxGrowthBytes: 4 * 2 ** 20,
  open: () => ({
    sessions: javaSessions,
    words: javaWords,
    try(input, random) {
      const files = new KeptFiles()
      const stream = new ObjectStream((lengthBytes) => files.begin(lengthBytes))
      const maxBytes = random() < 0.5 ? maxEarlyBytes : maxObjectBytes
      let count = 0
      for (const piece of piecesOf(input, random)) {
        const { objects, refused } = readObjects(stream, piece, maxBytes)
        count += objects.length
        if (stream.heldBytes > maxBytes + input.length + maxReferredBytes) {
          throw new Error(`${stream.heldBytes} bytes are held`)
        }
        if (refused === undefined) continue
        const again = readObjects(stream, input, maxBytes)
        if (again.refused !== refused || again.objects.length > 0 || stream.heldBytes > 0) {
          throw new Error('a refused stream goes on')
        }
        return count > 0 ? 'objects, then refused' : 'refused'
      }
      return count > 0 ? 'objects' : 'nothing yet'
    },
  }),
}
