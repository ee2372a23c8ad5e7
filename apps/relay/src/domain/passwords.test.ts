import { describe, expect, it, test } from 'vitest'
import { commonPasswords } from './common-passwords.ts'
import { objectionToPassword, passwordForm } from './passwords.ts'

describe('passwords', () => {
  test.each([
    ['short77', 'PASSWORD_TOO_SHORT', 'seven characters'],
    ['漢字漢字漢字漢', 'PASSWORD_TOO_SHORT', 'characters are counted, not bytes'],
    ['x'.repeat(129), 'PASSWORD_TOO_LONG', 'one too many'],
    ['x'.repeat(1_000_000), 'PASSWORD_TOO_LONG', 'far too many'],
    ['password1', 'PASSWORD_COMMON', 'among the commonest'],
    ['PassWord1', 'PASSWORD_COMMON', 'in any case'],
    ['Alice-Liddell', 'PASSWORD_IS_NAME', 'the name itself'],
    ['half \ud800 pair', 'PASSWORD_MALFORMED', 'half a surrogate pair'],
  ])('refuses %j as %s: %s', (password, reason) => {
    expect(objectionToPassword(password, 'alice-liddell')).toBe(reason)
  })

  test.each([
    ['correct horse', 'words'],
    ['x7'.repeat(64), '128 characters'],
    ['汉字汉字汉字汉字', 'Han'],
    ['🔑🔑🔑🔑🔑🔑🔑🔑', 'emoji'],
  ])('takes %s: %s', (password) => {
    expect(objectionToPassword(password, 'alice')).toBeUndefined()
  })

  it('is the same password however it was composed', () => {
    expect(passwordForm('cafe\u0301-1234')).toBe(passwordForm('caf\u00e9-1234'))
  })

  it('knows the commonest by heart', () => {
    expect(commonPasswords.size).toBe(3000)
    expect(commonPasswords.has('12345678')).toBe(true)
    expect([...commonPasswords].every((each) => each.length >= 8)).toBe(true)
  })
})
