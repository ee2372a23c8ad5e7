/** What a token says, unverified: only for what its own server has just handed to this device. */
export function jwtClaims(token: string): Readonly<Record<string, unknown>> {
  const payload = token.split('.')[1] ?? ''
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? { ...claims } : {}
  } catch {
    return {}
  }
}
