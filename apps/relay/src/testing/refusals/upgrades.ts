import type { chat } from '@parley/proto'
import { row } from './cast.ts'
import type { RowsOf } from './cast.ts'

/** What upgrades refuse. */
export const upgradesRows: RowsOf<typeof chat.UpgradesService> = {
  latest: [
    row('UPGRADE_UNKNOWN', 'nothing is published', ({ alice }) =>
      alice.upgrades.latest({ channel: 'stable', platform: 'linux-x64' }),
    ),
    row('TEXT_EMPTY', 'no channel', ({ alice }) => alice.upgrades.latest({ platform: 'x' })),
    row('TEXT_TOO_LONG', 'a long platform', ({ alice }) =>
      alice.upgrades.latest({ channel: 'stable', platform: 'x'.repeat(33) }),
    ),
  ],
  createTicket: [
    row('UPGRADE_UNKNOWN', 'a file that is no package', ({ alice }) =>
      alice.upgrades.createTicket({ fileId: 'f'.repeat(27) }),
    ),
    row('TEXT_EMPTY', 'no file', ({ alice }) => alice.upgrades.createTicket()),
  ],
}
