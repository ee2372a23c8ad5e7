import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const idBytes = 16
const nonceBytes = 16
const macBytes = 32
const tokenChars = Math.ceil(((idBytes + nonceBytes + macBytes) * 4) / 3)

/**
 * Makes and reads refresh tokens: login id, nonce, and a MAC of both by a key that only relays have.
 * The next token follows from the last one and the request, so a repeated request gets the same
 * answer although only hashes are stored; and a token that was exchanged long ago is still known to
 * be genuine, so its reuse gives a thief away.
 */
export interface RefreshTokens {
  /** The first token of a login made by this request. */
  first(loginId: Uint8Array, requestId: Uint8Array): string
  /** The token that this request gets for that one. */
  next(token: string, requestId: Uint8Array): string
  /** The login that a token was issued for, or undefined when it is none of ours. */
  loginOf(token: string): Uint8Array | undefined
}

/** Refresh tokens by this key. */
export function refreshTokens(key: Uint8Array): RefreshTokens {
  const mac = (what: string, ...parts: readonly Uint8Array[]) => {
    const hmac = createHmac('sha256', key).update(what)
    for (const part of parts) hmac.update(part)
    return hmac.digest()
  }
  const token = (loginId: Uint8Array, seed: Buffer) => {
    const nonce = seed.subarray(0, nonceBytes)
    const proof = mac('refresh token', loginId, nonce)
    return Buffer.concat([loginId, nonce, proof]).toString('base64url')
  }
  const loginOf = (text: string) => {
    if (text.length !== tokenChars) return undefined
    const bytes = Buffer.from(text, 'base64url')
    if (bytes.length !== idBytes + nonceBytes + macBytes) return undefined
    const loginId = bytes.subarray(0, idBytes)
    const nonce = bytes.subarray(idBytes, idBytes + nonceBytes)
    const proof = bytes.subarray(idBytes + nonceBytes)
    return timingSafeEqual(proof, mac('refresh token', loginId, nonce)) ? loginId : undefined
  }
  return {
    first: (loginId, requestId) => token(loginId, mac('first', loginId, requestId)),
    next(before, requestId) {
      const loginId = loginOf(before)
      if (loginId === undefined) throw new TypeError('not a refresh token')
      return token(loginId, mac('next', Buffer.from(before), requestId))
    },
    loginOf,
  }
}

/** What is stored of a token or code. */
export function secretHash(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}
