import { systemScheduler, uuidText, uuidv7 } from '@parley/service-kit'
import type { Cli } from '../cli.ts'
import type { EventLine } from '../output.ts'
import { findPeer } from './find-peer.ts'
import type { Found } from './find-peer.ts'
import { handOverOnce } from './hand-over.ts'
import { saidLine, standingText } from './lan-lines.ts'
import { LanRoom } from './lan-room.ts'
import type { Peer } from './peers.ts'
import { accountOf } from './standing.ts'
import type { SaidMessage } from './talk.ts'
import { lanSelf, withLan } from './with-lan.ts'
import type { InLan } from './with-lan.ts'

/** A message of this client, under a new id. */
export function saidNow(text: string): SaidMessage {
  const messageId = uuidText(uuidv7(systemScheduler))
  return { type: 'say', messageId, text, sentAtMs: systemScheduler.now() }
}

/** Somebody by name or fingerprint. */
export function lookFor({ lan, known }: InLan, asked: string): Promise<Found> {
  return findPeer(asked, { lan, known, scheduler: systemScheduler })
}

/** Says one message and answers what to print when it was shown. */
export async function sayTo({ lan }: InLan, peer: Peer, message: SaidMessage): Promise<EventLine> {
  const talk = await lan.talkTo(peer)
  await talk.say(message)
  return saidLine(message, talk.who)
}

/** Finds somebody, says one message, and leaves it to the relay too when their account is known. */
export async function sayOnce(
  cli: Cli,
  asked: string,
  text: string,
  askedName: string | undefined,
): Promise<void> {
  const self = await lanSelf(cli, askedName)
  const message = saidNow(text)
  const room = await LanRoom.open(cli.config.home, () => Promise.resolve())
  const met = (who: Parameters<LanRoom['met']>[0]) => room.met(who)
  // Answers to this client find nobody: it leaves at once.
  const show = () => Promise.resolve()
  const peer = await withLan(
    cli,
    self,
    { appear: false, peer: () => undefined, met, show },
    async (inLan) => {
      const found = await lookFor(inLan, asked)
      if (found.standing !== 'known' && found.standing !== 'trusted') {
        cli.out.note(`~ ${found.peer.fingerprint} is ${standingText(found.standing)}`)
      }
      const { line, text: words } = await sayTo(inLan, found.peer, message)
      cli.out.result(line, words)
      return found.peer
    },
  )
  const account = accountOf(peer, room.known)
  if (self.isLoggedIn && account !== undefined) await handOverOnce(cli, account, message)
}
