import { issueAccessToken, issueTicket, openSigner } from '@parley/auth'
import type { AccessAudience, TicketAudience } from '@parley/auth'
import { signingKeysService, startGrpcServer } from '@parley/grpc-kit'
import { createLogger, systemScheduler } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { onTestFinished } from 'vitest'

/** Two users. */
export const alice = '01930000-0000-7000-8000-00000000a11c'
export const bob = '01930000-0000-7000-8000-000000000b0b'

/** The part of a relay that a file server knows: its key, and what it signs with it. */
export async function openRelay(folder: string, scheduler: Scheduler = systemScheduler) {
  const signer = await openSigner({ issuer: 'relay', folder, scheduler })
  const state = { isAway: false, asked: 0 }
  return {
    signer,
    state,
    /** Stands in for the way to the relay's SigningKeys service. */
    keys: {
      fetch: async () => {
        state.asked += 1
        if (state.isAway) throw new Error('the relay is away')
        return signer.jwks
      },
      close: () => undefined,
    },
    access: async (userId: string, audiences?: AccessAudience[]) => {
      const grant = { userId, deviceId: userId, loginId: 'login' }
      return (await issueAccessToken(signer, grant, audiences)).token
    },
    ticket: async (userId: string, blobId: string, audience: TicketAudience = 'files') =>
      (await issueTicket(signer, { userId, blobId }, audience)).token,
  }
}

/** Signs as `openRelay`'s relay does, but as of so many milliseconds ago. */
export async function relayOf(folder: string, agoMs: number) {
  const past: Scheduler = { ...systemScheduler, now: () => Date.now() - agoMs }
  return openRelay(folder, past)
}

/** A relay whose keys are asked for over gRPC, by processes of their own. */
export async function serveRelayKeys(folder: string) {
  const relay = await openRelay(folder)
  const log = createLogger('relay', 'silent')
  const services = [signingKeysService({ log }, relay.signer.jwks)]
  const internal = await startGrpcServer({ host: '127.0.0.1', port: 0, services })
  onTestFinished(() => internal.close())
  return { relay, address: internal.address }
}
