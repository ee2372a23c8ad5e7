import { networkInterfaces } from 'node:os'
import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { bareSocket } from '../../testing/bare-socket.ts'
import { isServed, tlsDoor } from '../../testing/tls-door.ts'
import { countingEvents } from '../../testing/tls-world.ts'

const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
const own = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address

describe.skipIf(own === undefined)('over a network', () => {
  test('nothing is spoken but TLS', async () => {
    const { port, secure } = await tlsDoor({ host: '0.0.0.0' })
    expect(await isServed(secure(own))).toBe(true)
    expect(await isServed(bareSocket(`127.0.0.1:${port}`))).toBe(true)
    const [echo, other] = [bareSocket(`${own}:${port}`), bareSocket(`${own}:${port}`)]
    echo.socket.write('SAY it')
    other.socket.write('EHLO me')
    await eventually(() => echo.got.closed && other.got.closed)
    expect(echo.got.bytes.toString()).toContain('Echo is spoken here inside TLS')
    expect(other.got.bytes.toString()).toBe('This is Parley. Spoken here: TLS.\r\n')
  })

  test('everything is, when that was allowed in words', async () => {
    const { port, secure } = await tlsDoor({ host: '0.0.0.0', allowPlaintext: true })
    const both = [bareSocket(`${own}:${port}`), secure(own)].map(isServed)
    expect(await Promise.all(both)).toEqual([true, true])
  })
})

describe('a door does not open', () => {
  test('without its certificate', async () => {
    const { files } = await tlsDoor()
    const { events } = countingEvents()
    const tls = { events, files: { ...files, key: `${files.key}.missing` } }
    await expect(tlsDoor({ tls })).rejects.toMatchObject({
      reason: 'TLS_UNUSABLE',
      message: `TLS_KEY: ${files.key}.missing cannot be read`,
    })
  })

  test('with the key of another certificate', async () => {
    const [{ files }, other] = [await tlsDoor(), await tlsDoor()]
    const { events } = countingEvents()
    const tls = { events, files: { ...files, key: other.files.key } }
    await expect(tlsDoor({ tls })).rejects.toMatchObject({ reason: 'TLS_UNUSABLE' })
  })

  test('on a port that is taken, and looks at no files then', async () => {
    const { port } = await tlsDoor()
    const scheduler = new FakeScheduler()
    await expect(tlsDoor({ port, scheduler })).rejects.toMatchObject({ reason: 'ADDRESS_IN_USE' })
    expect(scheduler.pendingTimers).toBe(0)
  })
})
