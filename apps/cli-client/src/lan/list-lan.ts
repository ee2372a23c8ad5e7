import { delay, systemScheduler } from '@parley/service-kit'
import { visibleLine } from '@parley/words'
import type { Cli } from '../cli.ts'
import { table } from '../terminal/table.ts'
import { peerLine, standingText } from './lan-lines.ts'
import { standingOf } from './standing.ts'
import { lanSelf, withLan } from './with-lan.ts'

/** Listens for a while, unseen, and lists who is here. */
export async function listLan(cli: Cli, seconds: number): Promise<void> {
  const self = await lanSelf(cli, undefined)
  const nothing = {
    peer: () => undefined,
    met: () => Promise.resolve(),
    show: () => Promise.resolve(),
  }
  await withLan(cli, self, { appear: false, ...nothing }, async ({ lan, known }) => {
    await delay(systemScheduler, seconds * 1_000, cli.signal)
    const all = await known.all()
    const here = lan.peers.map((peer) => ({ peer, standing: standingOf(peer, all) }))
    const cells = here.map(({ peer, standing }) => [
      visibleLine(peer.name),
      peer.fingerprint,
      standingText(standing),
    ])
    const lines = here.map(({ peer, standing }) => peerLine(peer, standing))
    cli.out.results(lines, () => table(cells), 'nobody is in this network')
  })
}
