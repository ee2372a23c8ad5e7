import { upgradeHolder } from '../../upgrade-rows.ts'
import type { UpgradeRow, UpgradeRows } from '../../upgrade-rows.ts'
import { mysqlHoldOutbox } from './hold-outbox.ts'
import type { Work } from './work.ts'

/** Published packages in MariaDB. */
export function mysqlUpgrades(work: Work): UpgradeRows {
  const putHold = mysqlHoldOutbox(work)
  return {
    list: ({ channel, platform }) =>
      work.all<UpgradeRow>(
        `select id, version, file_id as fileId, published_at_ms as publishedAtMs from upgrades
         where channel = ? and platform = ? order by published_at_ms desc for update`,
        [channel, platform],
      ),
    countPlaces: () =>
      work.number(
        'select count(*) as n from (select 1 from upgrades group by channel, platform) as places',
        [],
      ),
    insert(upgrade) {
      const { channel, platform, version, minVersion, fileId } = upgrade
      const { manifest, signature, keyId, publishedAtMs } = upgrade
      const named = [channel, platform, version, minVersion, fileId]
      const { insertId } = work.run(
        `insert into upgrades (channel, platform, version, min_version, file_id, manifest,
         signature, key_id, published_at_ms) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [...named, manifest, signature, keyId, publishedAtMs],
      )
      putHold({ service: 1, attachmentId: fileId }, upgradeHolder(insertId), true)
    },
    remove({ id, fileId }) {
      work.run('delete from upgrades where id = ?', [id])
      putHold({ service: 1, attachmentId: fileId }, upgradeHolder(id), false)
    },
  }
}
