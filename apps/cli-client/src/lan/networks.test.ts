import { expect, test } from 'vitest'
import { networkOf, networksOf } from './networks.ts'
import { RecentIds } from './recent-ids.ts'

test.each([
  ['10.9.8.1', '255.255.255.0', '10.9.8.255', '10.9.8.200', '10.9.9.1'],
  ['172.16.5.4', '255.240.0.0', '172.31.255.255', '172.20.1.1', '172.32.0.1'],
  ['127.0.0.1', '255.0.0.0', '127.255.255.255', '127.9.9.9', '128.0.0.1'],
  ['192.0.2.7', '255.255.255.255', '192.0.2.7', '192.0.2.7', '192.0.2.8'],
])(
  '%s with mask %s shouts to %s and has %s but not %s',
  (address, mask, broadcast, inside, outside) => {
    const network = networkOf(address, mask)
    expect(network.broadcast).toBe(broadcast)
    expect(network.has(inside)).toBe(true)
    expect(network.has(outside)).toBe(false)
    expect(network.has('')).toBe(false)
  },
)

test('the networks of this machine are those asked for, or an error that names them', () => {
  expect(networksOf(['127.0.0.1'])).toMatchObject([{ address: '127.0.0.1' }])
  expect(() => networksOf(['192.0.2.1'])).toThrow(
    expect.objectContaining({
      reason: 'NO_NETWORK',
      message: expect.stringContaining('192.0.2.1'),
    }),
  )
})

test('recent ids are known until too many others came', () => {
  const ids = new RecentIds(2)
  expect([ids.add('a'), ids.add('b'), ids.add('a'), ids.add('c'), ids.add('a')]).toEqual([
    true,
    true,
    false,
    true,
    true,
  ])
})
