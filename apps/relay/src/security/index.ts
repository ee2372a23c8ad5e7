import { createHmac, hkdfSync } from 'node:crypto'
import { join } from 'node:path'
import { SharedKeySet } from '@parley/auth'
import type { CloseStack } from '@parley/service-kit'
import { readIfThere, readOrCreateFile } from '@parley/service-kit'
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
  /** By which tokens of this relay, and of all others of its database, are verified. */
  readonly keys: SharedKeySet
  /** The invitation code that this request of an operator gets, always the same. */
  invitationCode(requestId: Uint8Array): string
  /** The device that the user of a name has in a plain dialect, always the same; nobody else can know it. */
  plainDeviceId(dialect: string, nameKey: string): Uint8Array
}

/** What security is made of. */
export interface SecurityParts extends Omit<TokensParts, 'keys'>, ReceiptsParts {
  /** Set when several relays share a database. */
  readonly mysqlUrl?: string | undefined
  /** Multiplies the limits on registrations, logins and refreshes; 1 unless told. */
  readonly rateFactor?: number
}

/** Opens everything; the secret of a relay on its own is made in the data folder on the first start. */
export async function createSecurity(parts: SecurityParts, closers: CloseStack): Promise<Security> {
  const key = await secretKey(parts)
  const keys = sharedKeys(parts)
  return {
    passwords: await openPasswords(key.toString('base64')),
    tokens: openTokens({ ...parts, keys }),
    keys,
    refresh: refreshTokens(key),
    rates: memoryRates(parts.scheduler, parts.rateFactor),
    receipts: await openReceipts(parts, closers),
    invitationCode: (requestId) =>
      createHmac('sha256', key).update('invitation').update(requestId).digest('hex').slice(0, 24),
    plainDeviceId: (dialect, nameKey) =>
      createHmac('sha256', key)
        .update(`plain device\n${dialect}\n${nameKey}`)
        .digest()
        .subarray(0, 16),
  }
}

function sharedKeys({ signer, journal, log, scheduler }: SecurityParts): SharedKeySet {
  const { issuer } = signer
  const read = () => journal.ask('signingKeys', { issuer, nowMs: scheduler.now() })
  return new SharedKeySet({ signer, read, log, scheduler })
}

// Of refresh tokens and invitation codes. Relays of one database must have the same: it follows from the
// key that they share. A file from the time when there was one relay goes before, so that its logins stay.
async function secretKey(parts: SecurityParts): Promise<Buffer> {
  const { dataDir, internalKey, mysqlUrl, scheduler } = parts
  const path = join(dataDir, 'refresh-tokens.key')
  const make = () => `${Buffer.from(scheduler.randomBytes(32)).toString('base64url')}\n`
  const text = mysqlUrl === undefined ? await readOrCreateFile(path, make) : await readIfThere(path)
  if (text !== undefined) return Buffer.from(text.trim(), 'base64url')
  return Buffer.from(hkdfSync('sha256', internalKey, '', 'parley refresh tokens', 32))
}
