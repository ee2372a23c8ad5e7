import type { DialectName } from '../config.ts'
import type { Context } from '../context.ts'
import type { Dialect } from '../door/dialect.ts'
import { publicServices } from '../handlers/index.ts'
import { plainAccounts } from '../plain/plain-accounts.ts'
import type { PlainDoor } from '../plain/plain-client.ts'
import { plainDoor } from '../plain/plain-door.ts'
import { fileDrop } from '../plain/plain-files.ts'
import type { RunningEngine } from '../session/start-engine.ts'
import { chatService } from './grpc/connect.ts'
import { grpcDialect } from './grpc/grpc-dialect.ts'
import { javaDialect } from './java/java-dialect.ts'
import { textDialect } from './text/text-dialect.ts'
import { webDialect } from './web/web-dialect.ts'

/** What dialects are made of. */
export interface DialectParts extends RunningEngine {
  readonly ctx: Context
}

const makers: Readonly<Record<DialectName, (parts: DialectParts) => Dialect>> = {
  grpc: ({ engine, connections, ctx }) =>
    grpcDialect([chatService(engine, connections), ...publicServices(ctx)]),
  websocket: ({ ctx, ...running }) =>
    webDialect({
      ...running,
      services: publicServices(ctx),
      webOrigins: ctx.config.webOrigins,
      log: ctx.log,
    }),
  text: (parts) => textDialect({ ...parts.ctx, plain: plainOf(parts) }),
  java: (parts) => javaDialect({ ...parts.ctx, plain: plainOf(parts) }),
}

function plainOf({ ctx, ...running }: DialectParts): PlainDoor {
  return plainDoor({ ...running, accounts: plainAccounts(ctx), files: fileDrop(ctx) })
}

/** The dialects of these names. */
export function spokenDialects(names: readonly DialectName[], parts: DialectParts): Dialect[] {
  return names.map((name) => makers[name](parts))
}
