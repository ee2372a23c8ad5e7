import { signingKeysService } from '@parley/grpc-kit'
import type { GrpcService } from '@parley/grpc-kit'
import type { Context } from '../context.ts'
import { accountsService } from './accounts/index.ts'
import { attachmentsService } from './attachments/index.ts'
import { contactsService } from './contacts/index.ts'
import { groupsService } from './groups/index.ts'
import { historyService } from './history/index.ts'
import { namesService } from './names/index.ts'
import { operatorsService } from './operators/index.ts'
import { upgradesService } from './upgrades/index.ts'

/** The services of the public port, beside Chat. */
export function publicServices(ctx: Context): GrpcService[] {
  return [
    accountsService(ctx),
    contactsService(ctx),
    groupsService(ctx),
    historyService(ctx),
    attachmentsService(ctx),
    upgradesService(ctx),
  ]
}

/** The services of the internal port for other services: behind the service key. */
export function internalServices(ctx: Context): GrpcService[] {
  return [signingKeysService(ctx, () => ctx.security.keys.jwks()), namesService(ctx)]
}

/** The services of the internal port for operators: behind the operators' key. */
export function operatorServices(ctx: Context): GrpcService[] {
  return [operatorsService(ctx)]
}
