import { join } from 'node:path'
import { userInfo } from 'node:os'
import { openHome } from '@parley/client'
import { openKeyFile } from '@parley/direct'
import type { KeyPair } from '@parley/direct'
import { systemScheduler } from '@parley/service-kit'
import type { Cli } from '../cli.ts'
import { UsageError } from '../exit-code.ts'
import { untilAborted } from '../interruption.ts'
import { KnownPeers } from './known-peers.ts'
import { openLan } from './lan.ts'
import type { Lan, LanOptions } from './lan.ts'
import { parseName } from './lan-name.ts'
import { networksOf } from './networks.ts'

/** Who this client is in its networks. */
export interface LanSelf {
  readonly me: KeyPair
  readonly name: string
  /** Somebody is logged in here, whose messages can be handed to the relay. */
  readonly isLoggedIn: boolean
}

/** What a command of LAN mode works with. */
export interface InLan {
  readonly cli: Cli
  readonly self: LanSelf
  readonly lan: Lan
  readonly known: KnownPeers
}

/** How a command takes part: what it hears, and whether others see it. */
export interface LanPart extends Pick<LanOptions, 'peer' | 'met' | 'show'> {
  readonly appear: boolean
}

/** Whose keys this device knows. */
export function knownPeers(cli: Cli): KnownPeers {
  return new KnownPeers(cli.config.home)
}

/** The key and the name of this client: the account's, the one asked for, or that of the system's user. */
export async function lanSelf(cli: Cli, askedName: string | undefined): Promise<LanSelf> {
  const { home } = cli.config
  const state = await openHome(home)
  const login = state.login()
  state.close()
  const name = askedName ?? login?.userName ?? userInfo().username
  if (parseName(Buffer.from(name)) === undefined) {
    throw new UsageError(`"${name}" is no name: 1 to 64 bytes that can be seen`)
  }
  return { me: await openKeyFile(join(home, 'device.key')), name, isLoggedIn: login !== undefined }
}

/** Takes part in the networks of this machine for as long as `work` takes. */
export async function withLan<T>(
  cli: Cli,
  self: LanSelf,
  part: LanPart,
  work: (inLan: InLan) => Promise<T>,
): Promise<T> {
  const { addresses, port } = cli.config.lan
  const networks = networksOf(addresses)
  const { me, name } = self
  const lan = await openLan({ ...part, me, name, networks, port, scheduler: systemScheduler }, part)
  try {
    return await untilAborted(cli.signal, work({ cli, self, lan, known: knownPeers(cli) }))
  } finally {
    await lan.close()
  }
}
