import { describe, expect, it } from 'vitest'
import { openPasswords } from './passwords.ts'

describe('passwords', () => {
  it('are kept as argon2id at the agreed cost and match themselves only', async () => {
    const passwords = await openPasswords('decoy')
    const stored = await passwords.hash('correct horse')
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await passwords.verify(stored, 'correct horse')).toBe(true)
    expect(await passwords.verify(stored, 'correct house')).toBe(false)
    expect(passwords.isStale(stored)).toBe(false)
    expect(passwords.isStale(stored.replace('t=2', 't=1'))).toBe(true)
  })

  it('match however they were composed, and not when cut off', async () => {
    const passwords = await openPasswords('decoy')
    const stored = await passwords.hash(`${'x'.repeat(100)}caf\u00e9`)
    expect(await passwords.verify(stored, `${'x'.repeat(100)}cafe\u0301`)).toBe(true)
    expect(await passwords.verify(stored, 'x'.repeat(100))).toBe(false)
  })

  it('say no for an unknown user after doing the same work, even for the decoy', async () => {
    const passwords = await openPasswords('decoy')
    expect(await passwords.verify(undefined, 'decoy')).toBe(false)
    expect(await passwords.verify(undefined, 'x'.repeat(10_000))).toBe(false)
  })
})
