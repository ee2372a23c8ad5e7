import { systemScheduler } from '@parley/service-kit'
import type { Dialect } from '../../../apps/relay/src/door/dialect.ts'
import { dialectOf } from '../../../apps/relay/src/door/first-bytes.ts'
import { grpcDialect } from '../../../apps/relay/src/dialects/grpc/grpc-dialect.ts'
import { javaDialect } from '../../../apps/relay/src/dialects/java/java-dialect.ts'
import { textDialect } from '../../../apps/relay/src/dialects/text/text-dialect.ts'
import { webDialect } from '../../../apps/relay/src/dialects/web/web-dialect.ts'
import { piecesOf } from '../input.ts'
import type { Target } from '../target.ts'

/** Which says something must be decided by then. */
const mostUndecidedBytes = 64

const openings = [
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n',
  'POST /parley.chat.v1.Accounts/Login HTTP/1.1\r\nHost: x\r\n\r\n',
  '101|ann,secret\n',
  '103|ann,bob,hello',
  '\xac\xed\x00\x05sr\x00\x0dqqcommon.User',
  '\x16\x03\x01\x02\x00\x01\x00',
].map((text) => Buffer.from(text, 'latin1'))

const words = openings.flatMap((opening) =>
  [1, 3, 4, 16].map((bytes) => opening.subarray(0, bytes)),
)

/** Which dialect a connection speaks, by its first bytes. */
export const firstBytes: Target = {
  name: 'first bytes',
  weight: 15,
  maxGrowthBytes: 4 * 2 ** 20,
  open() {
    const dialects = allDialects()
    return {
      sessions: openings,
      words,
      try(input, random) {
        let head = Buffer.alloc(0)
        for (const piece of piecesOf(input, random)) {
          head = Buffer.concat([head, piece])
          const found = dialectOf(dialects, head)
          if (found !== 'more') return found === 'no' ? 'no dialect' : found.name
          if (head.length >= mostUndecidedBytes) throw new Error('undecided for too long')
        }
        return 'more'
      },
    }
  },
}

/** Only asked whether they recognise something. */
function allDialects(): readonly Dialect[] {
  const nothing = { engine: { scheduler: systemScheduler }, services: [], webOrigins: [] }
  return [
    grpcDialect([]),
    webDialect(nothing as never),
    textDialect(nothing as never),
    javaDialect(nothing as never),
  ]
}
