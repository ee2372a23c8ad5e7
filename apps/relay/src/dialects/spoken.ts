import type { DialectName } from '../config.ts'
import type { Context } from '../context.ts'
import type { Dialect } from '../door/dialect.ts'
import { publicServices } from '../handlers/index.ts'
import type { RunningEngine } from '../session/start-engine.ts'
import { chatService } from './grpc/connect.ts'
import { grpcDialect } from './grpc/grpc-dialect.ts'
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
}

/** The dialects of these names. */
export function spokenDialects(names: readonly DialectName[], parts: DialectParts): Dialect[] {
  return names.map((name) => makers[name](parts))
}
