import { networkInterfaces } from 'node:os'
import { AppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import { FakeScheduler, eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { setup } from './rendezvous.fixture.ts'
import { datagramSocket, seedClient, tcp } from './seed-client.fixture.ts'

const patience = { timeoutMs: 30_000 }

function hasIPv6(): boolean {
  const all = Object.values(networkInterfaces()).flat()
  return all.some((one) => one?.address === '::1')
}

describe('two clients written from the seed', () => {
  test('log in, get the list, hear of each other, talk directly, and log out', async () => {
    const { port } = await setup()
    const ann = await seedClient({ name: 'ann', port })
    expect(ann.list).toBe(`ann,${ann.endpoint};end`)
    const bob = await seedClient({ name: '小明', port, address: '127.0.0.2' })
    expect(bob.list).toBe(`ann,${ann.endpoint};小明,${bob.endpoint};end`)
    await eventually(() => ann.users.get('小明') === bob.endpoint, patience)
    expect(ann.heard).toEqual([`login,小明,${bob.endpoint}`])

    ann.say('小明', 'hello')
    await eventually(() => bob.heard.includes('hello'), patience)
    bob.say('ann', 'hello yourself')
    await eventually(() => ann.heard.includes('hello yourself'), patience)

    bob.leave()
    await eventually(() => !ann.users.has('小明'), patience)
    expect(ann.heard.at(-1)).toBe(`logout,小明,${bob.endpoint}`)
    await eventually(() => bob.stream.isClosed, patience)
  })

  test('who reads announcements from the connection finds each on a line of its own', async () => {
    const { port } = await setup()
    const ann = await seedClient({ name: 'ann', port })
    const bob = await seedClient({ name: 'bob', port, address: '127.0.0.2' })
    bob.close()
    const told = `${ann.list}\nlogin,bob,${bob.endpoint}\nlogout,bob,${bob.endpoint}\n`
    await eventually(() => ann.stream.text === told, patience)
  })

  test('a connection that breaks off is a logout', async () => {
    const { port } = await setup()
    const ann = await seedClient({ name: 'ann', port })
    const bob = await seedClient({ name: 'bob', port, address: '127.0.0.2' })
    await eventually(() => ann.users.has('bob'), patience)
    bob.stream.socket.resetAndDestroy()
    await eventually(() => !ann.users.has('bob'), patience)
  })

  test('a line that says logout is one, too', async () => {
    const { port } = await setup()
    const ann = await seedClient({ name: 'ann', port })
    const bob = await seedClient({ name: 'bob', port, address: '127.0.0.2' })
    bob.stream.socket.write(`logout,bob,${bob.endpoint}\n`)
    await eventually(() => bob.stream.isClosed, patience)
    await eventually(() => ann.heard.length === 2, patience)
  })
})

describe('an address', () => {
  test('is announced as it was proven, whatever the client says', async () => {
    const { port } = await setup()
    const asking = await datagramSocket('127.0.0.2')
    asking.send('login,eve,192.0.2.1:4000', port, '127.0.0.1')
    await new Promise((resolve) => asking.once('message', resolve))
    const stream = await tcp(port, { address: '127.0.0.2' })
    await eventually(() => stream.text === 'eve,127.0.0.2:4000;end', patience)
  })

  test('of IPv6 is announced in brackets, and one of IPv4 as IPv4 also by a server of both', async (task) => {
    if (!hasIPv6()) return task.skip('this machine has no IPv6 loopback')
    const { port } = await setup(systemScheduler, '::')
    const asking = await datagramSocket('::1')
    asking.send('login,six,[::1]:4000', port, '::1')
    await new Promise((resolve) => asking.once('message', resolve))
    const six = await tcp(port, { address: '::1', host: '::1' })
    await eventually(() => six.text === 'six,[::1]:4000;end', patience)
    const four = await seedClient({ name: 'four', port })
    expect(four.list).toBe(`six,[::1]:4000;four,${four.endpoint};end`)
    const other = await seedClient({ name: 'other', port, address: '127.0.0.2' })
    await eventually(() => four.heard.length === 1, patience)
    expect(four.heard).toEqual([`login,other,${other.endpoint}`])
  })

  test('from which no login came gets in by no connection', async () => {
    const { port } = await setup()
    const ann = await seedClient({ name: 'ann', port })
    const asking = await datagramSocket('127.0.0.2')
    asking.send('login,eve,127.0.0.2:4000', port, '127.0.0.1')
    await new Promise((resolve) => asking.once('message', resolve))
    const other = await tcp(port, { address: '127.0.0.3' })
    await eventually(() => other.isClosed, patience)
    expect(other.text).toBe('Refused,log in by datagram first\n')
    const bob = await seedClient({ name: 'bob', port, address: '127.0.0.4' })
    expect(bob.list).toBe(`ann,${ann.endpoint};bob,${bob.endpoint};end`)
    await eventually(() => ann.heard.length === 1, patience)
    expect(ann.heard).toEqual([`login,bob,${bob.endpoint}`])
  })

  test('logs nobody out who came from elsewhere', async () => {
    const { port } = await setup()
    const ann = await seedClient({ name: 'ann', port })
    const bob = await seedClient({ name: 'bob', port, address: '127.0.0.2' })
    for (const address of ['127.0.0.2', '127.0.0.3']) {
      const forger = await datagramSocket(address)
      forger.send(`logout,bob,${bob.endpoint}`, port, '127.0.0.1')
      // Datagrams are taken in the order in which they come, so the answer says that both were.
      forger.send(`login,eve,${address}:9`, port, '127.0.0.1')
      await new Promise((resolve) => forger.once('message', resolve))
    }
    const carl = await seedClient({ name: 'carl', port, address: '127.0.0.4' })
    expect([...carl.users.keys()]).toEqual(['ann', 'bob', 'carl'])
    await eventually(() => ann.heard.length === 2, patience)
    expect(ann.heard).toEqual([`login,bob,${bob.endpoint}`, `login,carl,${carl.endpoint}`])
  })

  test('has one login at a time waiting for its connection, so that nobody gets the name of another', async () => {
    const { port } = await setup()
    const [one, other] = [await datagramSocket('127.0.0.2'), await datagramSocket('127.0.0.2')]
    const answers: string[] = []
    one.on('message', () => void answers.push('one'))
    other.on('message', () => void answers.push('other'))
    one.send('login,one,127.0.0.2:1', port, '127.0.0.1')
    await eventually(() => answers.length === 1, patience)
    other.send('login,other,127.0.0.2:2', port, '127.0.0.1')
    one.send('login,one,127.0.0.2:1', port, '127.0.0.1')
    await eventually(() => answers.length === 2, patience)
    expect(answers).toEqual(['one', 'one'])
    const first = await tcp(port, { address: '127.0.0.2' })
    await eventually(() => first.text === 'one,127.0.0.2:1;end', patience)
    await eventually(() => answers.length === 3, patience)
    const second = await tcp(port, { address: '127.0.0.2' })
    await eventually(() => second.text.includes('other,127.0.0.2:2;end'), patience)
    expect(answers).toEqual(['one', 'one', 'other'])
  })

  test('whose login is not followed by a connection lets the next one have its turn', async () => {
    const scheduler = new FakeScheduler()
    const { port } = await setup(scheduler)
    const [one, other] = [await datagramSocket('127.0.0.2'), await datagramSocket('127.0.0.2')]
    one.send('login,one,127.0.0.2:1', port, '127.0.0.1')
    await new Promise((resolve) => one.once('message', resolve))
    let isAnswered = false
    other.once('message', () => (isAnswered = true))
    other.send('login,other,127.0.0.2:2', port, '127.0.0.1')
    await eventually(async () => {
      await scheduler.advance(500)
      return isAnswered
    }, patience)
    const stream = await tcp(port, { address: '127.0.0.2' })
    await eventually(() => stream.text === 'other,127.0.0.2:2;end', patience)
  })
})

describe('a name', () => {
  test('that is registered is had only with its password, said over the connection', async () => {
    const { port, names } = await setup()
    names.passwords.set('rosa', 'correct, horse')
    const rosa = await seedClient({ name: 'Rosa', port, password: 'correct, horse' })
    expect(rosa.list).toBe(`Rosa,${rosa.endpoint};end`)
    const eve = await seedClient({ name: 'Rosa', port, address: '127.0.0.2', password: 'guess' })
    expect(eve.list).toBe(
      'Refused,the name is registered: its password was not said or not right\n',
    )
    expect(rosa.heard).toEqual([])
  })

  test('that is registered is refused to whoever says nothing', async () => {
    const scheduler = new FakeScheduler()
    const { port, names } = await setup(scheduler)
    names.passwords.set('rosa', 'correct horse')
    const seed = seedClient({ name: 'rosa', port })
    await eventually(() => names.asked === 1, patience)
    await scheduler.advance(20_000)
    expect((await seed).list).toBe('Refused,it took too long\n')
  })

  test('is taken over with its password from who has it', async () => {
    const { port, names } = await setup()
    const eve = await seedClient({ name: 'rosa', port })
    names.passwords.set('rosa', 'correct horse')
    const at = { port, address: '127.0.0.2' }
    const rosa = await seedClient({ ...at, name: 'Rosa', password: 'correct horse' })
    expect(rosa.list).toBe(`Rosa,${rosa.endpoint};end`)
    await eventually(() => eve.stream.isClosed, patience)
    expect(eve.stream.text).toContain('Refused,the name was taken with its password')
  })

  test('that a member has is refused to another, in any case of its letters', async () => {
    const { port } = await setup()
    const ann = await seedClient({ name: 'ann', port })
    const other = await seedClient({ name: 'ANN', port, address: '127.0.0.2' })
    expect(other.list).toBe('Refused,somebody is in under this name\n')
    expect(ann.heard).toEqual([])
  })

  test('is refused while nobody knows whose it is, and after too many tries', async () => {
    const { port, names } = await setup()
    names.failure = new AppError('unavailable', 'AWAY', 'the relay is away')
    const ann = await seedClient({ name: 'ann', port })
    expect(ann.list).toBe('Refused,whose the name is cannot be asked now\n')
    names.failure = new AppError('rate-limited', 'RATE_LIMITED', 'wait')
    expect((await seedClient({ name: 'ann', port })).list).toBe('Refused,too many tries\n')
  })

  test('that somebody registers while another is in under it ends the membership', async () => {
    const scheduler = new FakeScheduler()
    const { port, names } = await setup(scheduler)
    const ann = await seedClient({ name: 'ann', port })
    const bob = await seedClient({ name: 'bob', port, address: '127.0.0.2' })
    names.passwords.set('bob', 'correct horse')
    await scheduler.advance(60_000)
    await eventually(() => !ann.users.has('bob'), patience)
    await eventually(() => bob.stream.isClosed, patience)
    expect(bob.stream.text).toContain('Refused,the name is registered now\n')
    expect(ann.stream.isClosed).toBe(false)
  })
})

describe('at its bounds', () => {
  test('a member that only talks is let go', async () => {
    const { port } = await setup()
    const ann = await seedClient({ name: 'ann', port })
    ann.stream.socket.write('hello?\n'.repeat(20))
    await eventually(() => ann.stream.isClosed, patience)
  })

  test('a line without end closes the connection', async () => {
    const { port } = await setup()
    const ann = await seedClient({ name: 'ann', port })
    ann.stream.socket.write('x'.repeat(2_000))
    await eventually(() => ann.stream.isClosed, patience)
  })

  test('connections of an address that come too fast are closed at once', async () => {
    const { port } = await setup(new FakeScheduler())
    const streams = await Promise.all(
      Array.from({ length: 60 }, () => tcp(port, { address: '127.0.0.2' })),
    )
    await eventually(() => streams.every((stream) => stream.isClosed), patience)
    expect(streams.filter(({ text }) => text !== '')).toHaveLength(40)
    const ann = await seedClient({ name: 'ann', port })
    expect(ann.list).toContain('ann')
  })

  test('connections of all addresses together that come too fast are closed at once', async () => {
    const { port } = await setup(new FakeScheduler())
    const from = (i: number) => `127.0.0.${2 + Math.floor(i / 40)}`
    const streams = await Promise.all(
      Array.from({ length: 240 }, (_, i) => tcp(port, { address: from(i) })),
    )
    await eventually(() => streams.every((stream) => stream.isClosed), patience)
    expect(streams.filter(({ text }) => text !== '')).toHaveLength(200)
  })

  test('closing ends every connection and frees the port', async () => {
    const { port, close } = await setup()
    const ann = await seedClient({ name: 'ann', port })
    await close()
    await eventually(() => ann.stream.isClosed, patience)
    const late = await tcp(port)
    await eventually(() => late.isClosed, patience)
    expect(late.text).toBe('')
  })
})
