import { eventually } from '@parley/testkit'
import type { Login } from '../../apps/relay/src/testing/engine-world.ts'
import { sendOf } from '../../apps/relay/src/testing/fake-device.ts'
import type { Person, RelayWorld } from '../../apps/relay/src/testing/relay-world.ts'
import { WebDevice } from '../../apps/relay/src/testing/web-device.ts'
import { WireDevice } from '../../apps/relay/src/testing/wire-device.ts'
import { protobufWords } from './frames.ts'
import { recorded } from './recorded.ts'
import { javaSessions, javaWords } from './targets/java.ts'
import { textSessions, textWords } from './targets/text.ts'

/** What clients of each dialect send, with the tokens and passwords of people who are there. */
export async function relayGrammar(world: RelayWorld, ann: Person, bob: Person) {
  const login = loginOf(ann)
  const toBob = { user: bob.userId }
  const at = world.publicAddress
  const grpc = await recorded(at, async (address) => {
    const device = new WireDevice(address).hello(login)
    await eventually(() => device.of('caughtUp').length === 1)
    device.send(1, toBob, 'hello')
    await eventually(() => device.of('accepted').length + device.of('refused').length === 1)
    device.tell({ $case: 'bye', value: {} })
    await eventually(() => device.ending !== undefined)
    device.close()
  })
  const web = (pathname: string) =>
    recorded(at, async (address) => {
      const device = await new WebDevice(address, pathname).hello(login)
      await eventually(() => device.of('caughtUp').length === 1)
      await device.tell(sendOf(Buffer.alloc(16, 9), toBob, 'hello'), { $case: 'bye', value: {} })
      await eventually(() => device.ending !== undefined)
    })
  const { accessToken } = ann.credentials
  return {
    sessions: [
      // As many of each dialect as there are of Java, which has many.
      ...times(10, [grpc, await web('/chat'), await web('/chat?format=json')]),
      ...times(3, [...callsOf(accessToken), ...textSessions]),
      ...javaSessions,
    ],
    openings: [
      ...[grpc, await web('/chat'), await web('/chat?format=json')].map(beginningOf),
      ...callsOf(accessToken),
      ...['101|', '101|ann,correct horse\n', '\xac\xed\0\x05'].map((text) =>
        Buffer.from(text, 'latin1'),
      ),
    ],
    words: [...httpWords, ...protobufWords, ...textWords, ...javaWords],
  }
}

/** The same again, so often. */
export function times<T>(count: number, of: readonly T[]): T[] {
  return Array.from({ length: count }, () => of).flat()
}

/** What of a session comes before its frames: of HTTP/2 the preface, the settings and the first head. */
function beginningOf(session: Buffer): Buffer {
  const headEnd = session.indexOf('\r\n\r\n') + 4
  return session.subarray(0, session.subarray(0, 3).equals(http2) ? http2Bytes : headEnd)
}

const http2 = Buffer.from('PRI')
const http2Bytes = 175

function loginOf({ name, userId, credentials }: Person): Login {
  const { accessToken: token, deviceId } = credentials
  return { name, userId, deviceId, token, user: 0, device: 0, loginId: Buffer.alloc(0) }
}

function callsOf(token: string): Buffer[] {
  const call = (method: string, body: string, fields: string) =>
    Buffer.from(
      `POST /parley.chat.v1.${method} HTTP/1.1\r\nHost: x\r\n${fields}\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    )
  const bearer = `Authorization: Bearer ${token}\r\nConnect-Protocol-Version: 1\r\n`
  return [
    call('Accounts/GetProfile', '{}', `${bearer}Content-Type: application/json`),
    call('Contacts/List', '', `${bearer}Content-Type: application/proto`),
    call('History/ListConversations', '{"limit":5}', `${bearer}Content-Type: application/json`),
    Buffer.from(
      'OPTIONS /parley.chat.v1.Accounts/Login HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\n' +
        'Access-Control-Request-Method: POST\r\n\r\n',
    ),
  ]
}

const httpWords = [
  'GET /chat HTTP/1.1\r\n',
  'POST / HTTP/1.1\r\n',
  'Host: x\r\n',
  '\r\n',
  'a: b\r\n',
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 99999999\r\n',
  'ffffffff\r\n',
  '0\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\0\0\0\0\0\0\0\0',
  '\0\0\b\0\0\0\0\0',
  '\0\0\0\0',
  'þÿÿ',
  '\0\0\0\0',
  'ÿ',
  'ÿÿ',
].map((text) => Buffer.from(text, 'latin1'))
