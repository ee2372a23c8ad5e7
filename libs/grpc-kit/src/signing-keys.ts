import { common } from '@parley/proto'
import type { CallContext } from './call-info.ts'
import { openClient } from './client.ts'
import { keyMetadata, serviceKeyHeader } from './metadata.ts'
import { grpcService } from './service.ts'
import type { GrpcService } from './service.ts'
import { unary } from './unary.ts'

/** The service by which others get the public keys of this one: always the same, or as they are now. */
export function signingKeysService(
  ctx: CallContext,
  jwks: string | (() => Promise<string>),
): GrpcService {
  return grpcService(common.SigningKeysService, {
    list: unary<common.SigningKeysListRequest, common.SigningKeysListResponse>(ctx, async () => ({
      jwks: typeof jwks === 'string' ? jwks : await jwks(),
    })),
  })
}

/** Another service's public keys, to be asked for. */
export interface PeerSigningKeys {
  /** The JSON Web Key Set as text; rejects with an `AppError`. */
  fetch(): Promise<string>
  close(): void
}

/** Opens the way to the public keys of the service at `address` (`host:port`). */
export function openSigningKeys(address: string, serviceKey: string): PeerSigningKeys {
  const peer = openClient(common.SigningKeysClient, address, {
    metadata: keyMetadata(serviceKeyHeader, serviceKey),
    deadlineMs: 5_000,
  })
  return {
    fetch: async () => (await peer.call.list({})).jwks,
    close: () => peer.close(),
  }
}
