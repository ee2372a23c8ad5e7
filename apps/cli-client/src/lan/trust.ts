import { currentLogin } from '@parley/client'
import { fingerprintOf, parseFingerprint } from '@parley/direct'
import { AppError } from '@parley/errors'
import { systemScheduler } from '@parley/service-kit'
import { visibleLine } from '@parley/words'
import type { Cli } from '../cli.ts'
import { UsageError } from '../exit-code.ts'
import { sendTarget } from '../look-up.ts'
import { withCalls } from '../session.ts'
import { findPeer } from './find-peer.ts'
import type { KnownPeer, NamedKey } from './standing.ts'
import { knownPeers, lanSelf, withLan } from './with-lan.ts'

/** The user has compared a fingerprint, and may say whose account it is. */
export async function trustPeer(
  cli: Cli,
  typed: string,
  account: string | undefined,
): Promise<void> {
  const fingerprint = fingerprintAsked(typed)
  const userId = account === undefined ? undefined : await accountNamed(cli, account)
  const known = knownPeers(cli)
  const peer = (await metBefore(cli, fingerprint)) ?? (await heardNow(cli, fingerprint))
  await known.trust(peer, userId, systemScheduler.now())
  const line = { type: 'lan-trusted', name: peer.name, fingerprint, userId: userId ?? null }
  const whose = account === undefined ? '' : `, ${visibleLine(account)} at the relay`
  cli.out.result(line, `${visibleLine(peer.name)} (${fingerprint}) is trusted${whose}`)
}

/** Forgets a key: its owner is new again. */
export async function forgetPeer(cli: Cli, typed: string): Promise<void> {
  const fingerprint = fingerprintAsked(typed)
  const known = knownPeers(cli)
  const found = (await known.all()).find((each) => fingerprintOfKey(each) === fingerprint)
  if (!found) throw new AppError('not-found', 'NO_SUCH_PEER', `${fingerprint} is not known here`)
  await known.forget(found.key)
  const line = { type: 'lan-forgotten', name: found.name, fingerprint }
  cli.out.result(line, `forgot ${visibleLine(found.name)} (${fingerprint})`)
}

// By name it would be whoever happens to be here under it.
function fingerprintAsked(typed: string): string {
  const fingerprint = parseFingerprint(typed)
  if (fingerprint !== undefined) return fingerprint
  throw new UsageError(`"${typed}" is no fingerprint: six groups of four, as parley lan list shows`)
}

async function accountNamed(cli: Cli, account: string): Promise<string> {
  return withCalls(cli, async (asking) => {
    const target = await sendTarget(asking, account)
    if ('userId' in target && target.userId !== currentLogin(asking.state).userId)
      return target.userId
    throw new UsageError(`"${account}" is no @name of somebody else`)
  })
}

async function metBefore(cli: Cli, fingerprint: string): Promise<NamedKey | undefined> {
  const met = (await knownPeers(cli).all()).find((each) => fingerprintOfKey(each) === fingerprint)
  return met && { name: met.name, publicKey: Buffer.from(met.key, 'hex') }
}

// Its fingerprint is the key: that nobody has proven it yet does no harm.
async function heardNow(cli: Cli, fingerprint: string): Promise<NamedKey> {
  const self = await lanSelf(cli, undefined)
  const nothing = {
    peer: () => undefined,
    met: () => Promise.resolve(),
    show: () => Promise.resolve(),
  }
  return withLan(cli, self, { appear: false, ...nothing }, async ({ lan, known }) => {
    return (await findPeer(fingerprint, { lan, known, scheduler: systemScheduler })).peer
  })
}

function fingerprintOfKey({ key }: KnownPeer): string {
  return fingerprintOf(Buffer.from(key, 'hex'))
}
