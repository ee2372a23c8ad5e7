import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import { FakeScheduler } from '@parley/testkit'
import { expect, test } from 'vitest'
import { TokenKeeper } from './token-keeper.ts'

const lifeMs = 900_000

test('a refresh whose answer was lost is repeated under its id, the next one has another', async () => {
  const scheduler = new FakeScheduler()
  const asked: string[] = []
  const given = (refreshToken: string) =>
    chat.Credentials.create({ refreshToken, accessExpiresAtMs: scheduler.now() + lifeMs })
  const keeper = new TokenKeeper(scheduler, given('token 0'), {
    refresh(refreshToken, requestId) {
      asked.push(`${refreshToken} ${Buffer.from(requestId).toString('hex')}`)
      const lost = new AppError('unavailable', 'STORE_UNAVAILABLE', 'the answer was lost')
      if (asked.length <= 2) return Promise.reject(lost)
      return Promise.resolve(given(`token ${asked.length}`))
    },
    renewed: () => undefined,
  })
  await scheduler.advance(lifeMs)
  expect(asked).toHaveLength(3)
  expect(new Set(asked).size).toBe(1)
  await scheduler.advance(lifeMs)
  keeper.close()
  const [first = '', next = ''] = new Set(asked)
  expect(next).toMatch(/^token 3 [0-9a-f]{32}$/)
  expect(next.split(' ').at(-1)).not.toBe(first.split(' ').at(-1))
})

test('the token in use is the newest one', async () => {
  const scheduler = new FakeScheduler()
  const given = (accessToken: string) =>
    chat.Credentials.create({ accessToken, accessExpiresAtMs: scheduler.now() + lifeMs })
  const keeper = new TokenKeeper(scheduler, given('first'), {
    refresh: () => Promise.resolve(given('second')),
    renewed: () => undefined,
  })
  expect(keeper.accessToken).toBe('first')
  await scheduler.advance(lifeMs)
  keeper.close()
  expect(keeper.accessToken).toBe('second')
})
