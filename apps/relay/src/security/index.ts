import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import type { CloseStack } from '@parley/service-kit'
import { readOrCreateFile } from '@parley/service-kit'
import { openPasswords } from './passwords.ts'
import type { Passwords } from './passwords.ts'
import { memoryRates } from './rates.ts'
import type { Rates } from './rates.ts'
import { openReceipts } from './receipts.ts'
import type { Receipts, ReceiptsParts } from './receipts.ts'
import { refreshTokens } from './refresh-tokens.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import { openTokens } from './tokens.ts'
import type { Tokens, TokensParts } from './tokens.ts'

/** Who may: passwords, tokens, rates, and what other services certify. */
export interface Security {
  readonly passwords: Passwords
  readonly tokens: Tokens
  readonly refresh: RefreshTokens
  readonly rates: Rates
  readonly receipts: Receipts
  /** The invitation code that this request of an operator gets, always the same. */
  invitationCode(requestId: Uint8Array): string
}

/** What security is made of. */
export interface SecurityParts extends TokensParts, ReceiptsParts {
  /** Multiplies the limits on registrations, logins and refreshes; 1 unless told. */
  readonly rateFactor?: number
}

/** Opens everything; the secret of refresh tokens is made in the data folder on the first start. */
export async function createSecurity(parts: SecurityParts, closers: CloseStack): Promise<Security> {
  const key = await secretKey(parts)
  return {
    passwords: await openPasswords(key.toString('base64')),
    tokens: await openTokens(parts),
    refresh: refreshTokens(key),
    rates: memoryRates(parts.scheduler, parts.rateFactor),
    receipts: await openReceipts(parts, closers),
    invitationCode: (requestId) =>
      createHmac('sha256', key).update('invitation').update(requestId).digest('hex').slice(0, 24),
  }
}

async function secretKey({ dataDir, scheduler }: SecurityParts): Promise<Buffer> {
  const make = () => `${Buffer.from(scheduler.randomBytes(32)).toString('base64url')}\n`
  const text = await readOrCreateFile(join(dataDir, 'refresh-tokens.key'), make)
  return Buffer.from(text.trim(), 'base64url')
}
