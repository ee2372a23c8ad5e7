import { MemoryState, login, register } from '@parley/client'
import { isAppError } from '@parley/errors'
import { describe, expect, test } from 'vitest'
import { hostileWorld } from '../harness/hostile-world.ts'
import { passwordOf } from '../harness/person.ts'

hostileWorld((get) => {
  /** A device of nobody's, to register or log in with. */
  const nobody = () => ({ servers: [get().world.relay], state: new MemoryState() })

  describe('who registers or logs in', () => {
    test.each([
      ['a wrong password', 'friend', 'not the password', 'CREDENTIALS_INVALID'],
      [
        'an unknown name, told in the same words',
        'nobody here',
        'some password',
        'CREDENTIALS_INVALID',
      ],
    ])('%s', async (_note, name, password, reason) => {
      expect(await refusal(login(nobody(), entering(name, password)))).toEqual({
        kind: 'unauthenticated',
        reason,
      })
    })

    test.each([
      ['a name that is taken', 'friend', 'conflict'],
      ['a name that differs in case only', 'FRIEND', 'conflict'],
      ['a name that looks the same (Cyrillic е)', 'fri\u0435nd', undefined],
      ['a name with a path', '../../etc', 'invalid'],
      ['a name with control characters', 'a\u0007b', 'invalid'],
      ['a name with a bidi override', 'a\u202Eb', 'invalid'],
      ['a reserved name', 'admin', undefined],
      ['an empty name', '', 'invalid'],
      ['a name of 33 characters', 'n'.repeat(33), 'invalid'],
    ])('%s', async (_note, name, kind) => {
      const refused = await refusal(register(nobody(), entering(name, 'a fine password 1')))
      expect(refused.reason).toMatch(/^NAME_/)
      if (kind !== undefined) expect(refused.kind).toBe(kind)
    })

    test.each([
      ['a password of 7 characters', 'seven77'],
      ['a password of 129 characters', 'x'.repeat(129)],
      ['one of the commonest passwords', 'password'],
    ])('%s', async (_note, password) => {
      const refused = await refusal(register(nobody(), entering('newcomer', password)))
      expect(refused).toEqual({ kind: 'invalid', reason: expect.stringMatching(/^PASSWORD_/) })
    })
  })

  test('and who was tried in vain can still log in', async () => {
    const begun = login(nobody(), entering('friend', passwordOf('friend')))
    expect(await begun).toMatchObject({ userName: 'friend' })
  })
})

const entering = (name: string, password: string) => ({ name, password, deviceName: 'x' })

/** What a call is refused with. */
async function refusal(call: Promise<unknown>): Promise<{ kind: string; reason: string }> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (isAppError(error)) return { kind: error.kind, reason: error.reason }
  throw new Error(`not refused: ${String(error)}`)
}
