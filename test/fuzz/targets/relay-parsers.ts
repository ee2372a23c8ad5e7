import { FakeScheduler } from '@parley/testkit'
import { chat } from '@parley/proto'
import { jsonForm } from '@parley/proto/json'
import { dialectOf } from '../../../apps/relay/src/door/first-bytes.ts'
import { grpcDialect } from '../../../apps/relay/src/dialects/grpc/grpc-dialect.ts'
import { javaDialect } from '../../../apps/relay/src/dialects/java/java-dialect.ts'
import { maxObjectBytes } from '../../../apps/relay/src/dialects/java/java-connection.ts'
import {
  ObjectStream,
  readObjects,
} from '../../../apps/relay/src/dialects/java/java-serialisation/object-stream.ts'
import { records } from '../../../apps/relay/src/dialects/java/java-serialisation/recorded.ts'
import { tag } from '../../../apps/relay/src/dialects/java/java-serialisation/stream-format.ts'
import { Requests, maxRequestBytes } from '../../../apps/relay/src/dialects/text/framing.ts'
import { nameEscaping, textEscaping } from '../../../apps/relay/src/dialects/text/escaping.ts'
import { parseRequest } from '../../../apps/relay/src/dialects/text/text-codec.ts'
import { textDialect } from '../../../apps/relay/src/dialects/text/text-dialect.ts'
import { codecsOf } from '../../../apps/relay/src/dialects/web/connect-unary/codecs.ts'
import {
  binaryFrames,
  jsonFrames,
} from '../../../apps/relay/src/dialects/web/websocket/frame-formats.ts'
