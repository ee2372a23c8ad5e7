import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { createLogger, systemScheduler } from '@parley/service-kit'
import { eventually } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { send } from '../testing/http-client.ts'
import { startHttpDoor } from './door.ts'
import { healthRoute } from './health-route.ts'

test('an address has so many connections; one more is closed, and taken when another ends', async () => {
  const { root, address } = await setup(2)
  const open = [await dial(address), await dial(address)]
  const over = await dial(address)
  await eventually(() => over.closed)
  expect(open.map(({ closed }) => closed)).toEqual([false, false])
  open[0]?.destroy()
  await eventually(async () => expect((await send('GET', `${root}/healthz`)).status).toBe(200))
})

test('a connection has one request at a time; with a second in between it is closed', async () => {
  const { address } = await setup()
  const patient = await dial(address)
  const answers = heardBy(patient)
  for (let asked = 1; asked <= 3; asked += 1) {
    patient.write(question)
    await eventually(() => answers().length === asked)
  }
  for (const second of [question.repeat(99), `${beginning}half a bo`]) {
    const hasty = await dial(address)
    const begun = heardBy(hasty)
    hasty.write(question + second)
    await eventually(() => hasty.closed)
    expect(begun().length).toBeLessThan(2)
  }
})

test.each([
  { note: 'GET', method: 'GET', status: 405 },
  { note: 'HEAD', method: 'HEAD', status: 405 },
])('POST is not taken for $note, whatever a header says', async ({ method, status }) => {
  const { root } = await setup()
  const answer = await send('POST', `${root}/healthz`, { 'X-HTTP-Method-Override': method })
  expect(answer.status).toBe(status)
})

async function setup(maxConnectionsPerAddress?: number) {
  const door = await startHttpDoor({
    host: '127.0.0.1',
    port: 0,
    allowPlaintext: false,
    routes: [healthRoute(() => Promise.resolve({ status: 'ok' }))],
    scheduler: systemScheduler,
    log: createLogger('test', 'silent'),
    ...(maxConnectionsPerAddress && { maxConnectionsPerAddress }),
  })
  onTestFinished(() => door.close(10))
  return { root: `http://${door.address}`, address: door.address }
}

const question = 'GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n'
const beginning = 'POST /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n'

// The answers that have come so far.
function heardBy(socket: Socket): () => string[] {
  let come = ''
  socket.on('data', (bytes: Buffer) => (come += bytes.toString('latin1')))
  return () => come.match(/HTTP\/1\.1 200/g) ?? []
}

function dial(address: string): Promise<Socket> {
  const [host, port] = address.split(':')
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host, () => resolve(socket))
    socket.on('error', reject)
    onTestFinished(() => void socket.destroy())
  })
}
