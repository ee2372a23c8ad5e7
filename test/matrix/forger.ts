import { randomUUID } from 'node:crypto'
import { issueAccessToken, issueTicket, openSigner } from '@parley/auth'
import type { AccessAudience, TicketAudience } from '@parley/auth'
import { systemScheduler } from '@parley/service-kit'
import type { Login } from '@parley/client'

/** Signs what a relay signs, with the key of a folder: the relay's own, or one that nobody knows. */
export interface Forger {
  access(login: Login, audiences?: AccessAudience[]): Promise<string>
  ticket(userId: string, blobId: string, audience: TicketAudience): Promise<string>
}

/** Signs with the key in that folder, by a clock that is so many milliseconds late. */
export async function openForger(folder: string, lateMs = 0): Promise<Forger> {
  const scheduler = { ...systemScheduler, now: () => systemScheduler.now() - lateMs }
  const signer = await openSigner({ issuer: 'relay', folder, scheduler })
  return {
    async access({ userId, deviceId }, audiences) {
      const grant = { userId, deviceId, loginId: randomUUID() }
      return (await issueAccessToken(signer, grant, audiences)).token
    },
    async ticket(userId, blobId, audience) {
      return (await issueTicket(signer, { userId, blobId }, audience)).token
    },
  }
}

/** The token with its claims changed and the signature left as it was. */
export function tampered(token: string, claims: object): string {
  const [head = '', body = '', signature = ''] = token.split('.')
  const said = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
  const other = Buffer.from(JSON.stringify({ ...said, ...claims })).toString('base64url')
  return [head, other, signature].join('.')
}
