import { makeKeyPair } from '../../../libs/direct/src/index.ts'
import type { KeyPair, Role } from '../../../libs/direct/src/index.ts'
import {
  parseDatagram,
  plainDatagram,
  sealedDatagram,
} from '../../../libs/direct/src/udp/datagrams.ts'
import { Handshaking } from '../../../libs/direct/src/udp/handshaking.ts'
import type { Datagram } from '../../../libs/direct/src/udp/datagrams.ts'
import type { Target } from '../target.ts'

const session = Buffer.alloc(16, 9)
const prologue = Buffer.from('fuzz')
const nothing = Buffer.alloc(0)
const [me, peer] = [makeKeyPair(), makeKeyPair()]

/** Datagrams of somebody who knows the session, which goes over the wire, but not the peer's key. */
export const directDatagrams: Target = {
  name: 'direct datagrams',
  weight: 2,
  maxGrowthBytes: 8 * 2 ** 20,
  open() {
    const { said, agreed } = genuine()
    return {
      sessions: said,
      words: [
        session,
        ...['01', '02', '03', '04', '05', 'ff'.repeat(8), '00'.repeat(8)].map((hex) =>
          Buffer.from(hex, 'hex'),
        ),
      ],
      try(input, random) {
        const datagram = parseDatagram(input, session)
        if (datagram === undefined) return 'none'
        if (datagram.kind === 'sealed') return opened(agreed, datagram)
        return shaken(random() < 0.5 ? 'initiator' : 'responder', datagram)
      },
    }
  },
}

function handshaking(who: KeyPair, other: KeyPair, role: Role): Handshaking {
  return new Handshaking({ me: who, role, prologue, expect: other.publicKey })
}

/** The datagrams of a session between the two, and what they have agreed on. */
function genuine() {
  const [near, far] = [handshaking(peer, me, 'initiator'), handshaking(me, peer, 'responder')]
  const said: Buffer[] = [plainDatagram('probe', session, nothing)]
  const pass = (from: Handshaking, to: Handshaking) => {
    const { kind, body } = from.said ?? { kind: 'probe', body: nothing }
    said.push(plainDatagram(kind, session, body))
    return to.take({ kind, body, number: 0 })
  }
  pass(near, far)
  pass(far, near)
  const { agreed } = pass(near, far)
  if (agreed === undefined) throw new Error('the genuine two have not agreed')
  const theirs = [0, 1, 2].map((number) => {
    // Any bytes do: only what the peer has sealed can be opened.
    return sealedDatagram(session, number, Buffer.alloc(40, number))
  })
  return { said: [...said, ...theirs], agreed }
}

type Agreed = ReturnType<typeof genuine>['agreed']

function opened({ receive }: Agreed, { number, body }: Datagram): string {
  try {
    receive.decryptAs(number, nothing, body)
  } catch {
    return 'sealed by somebody else'
  }
  throw new Error('a forged datagram was opened')
}

/** Whoever has not the peer's key agrees on nothing, and the next genuine handshake goes on. */
function shaken(role: Role, datagram: Datagram): string {
  const mine = handshaking(me, peer, role)
  const { say, agreed } = mine.take(datagram)
  if (agreed !== undefined) throw new Error('a stranger was taken for the peer')
  return say === undefined ? `${role}: ${datagram.kind}` : `${role} answers`
}
