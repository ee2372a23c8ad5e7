import { once } from 'node:events'
import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { setup as presence } from '../presence.fixture.ts'
import { datagramSocket, tcp } from './seed-client.fixture.ts'

const patience = { timeoutMs: 30_000 }
// No other test listens here: a port that is free for datagrams only would be one of theirs perhaps.
const host = '127.0.0.77'
const where = `where,${'0a'.repeat(16)},${'x'.repeat(64)}`
const login = 'login,ann,127.0.0.1:4000'

/** A real presence that serves these, and somebody who asks it by datagram. */
async function setup(RENDEZVOUS: string) {
  const { service } = await presence({ RENDEZVOUS, PORT: '0', HOST: host })
  const port = Number(service.addresses['public']?.split(':')[1])
  const socket = await datagramSocket('127.0.0.1')
  const answers: string[] = []
  socket.on('message', (bytes) => answers.push(bytes.toString()))
  const ask = async (text: string) => {
    socket.send(text, port, host)
    await once(socket, 'message')
  }
  return {
    port,
    socket,
    answers,
    ask,
    here: `here,${'0a'.repeat(16)},127.0.0.1:${socket.address().port}`,
  }
}

describe('with RENDEZVOUS=where', () => {
  test('clients are told where they are seen, nobody is logged in, and nothing takes connections', async () => {
    const { port, socket, answers, ask, here } = await setup('where')
    socket.send(login, port, host)
    await ask(where)
    await ask(where)
    // What was sent first would have been answered first.
    expect(answers).toEqual([here, here])
    const stream = await tcp(port, { host })
    await eventually(() => stream.isClosed, patience)
    expect(stream.text).toBe('')
  })
})

describe('with RENDEZVOUS=seed', () => {
  test('people log in, and nobody is told where they are seen', async () => {
    const { port, socket, answers, ask } = await setup('seed')
    socket.send(where, port, host)
    await ask(login)
    expect(answers).toEqual([`Accept,${port}`])
    const stream = await tcp(port, { host })
    // The relay, which knows whose the names are, does not run here.
    await eventually(() => stream.text.startsWith('Refused,whose the name is'), patience)
  })
})

describe('with RENDEZVOUS=1', () => {
  test('both are served', async () => {
    const { port, answers, ask, here } = await setup('1')
    await ask(where)
    await ask(login)
    expect(answers).toEqual([here, `Accept,${port}`])
  })
})

test('without RENDEZVOUS there is no public port', async () => {
  const { service } = await presence()
  expect(Object.keys(service.addresses)).toEqual(['internal'])
})
