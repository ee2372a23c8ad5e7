import { upgradeHolder } from '../../upgrade-rows.ts'
import type { UpgradeRow, UpgradeRows } from '../../upgrade-rows.ts'
import type { Sqlite } from '../open-database.ts'
import { sqliteHoldOutbox } from './hold-outbox.ts'

/** Published packages in SQLite. */
export function sqliteUpgrades(db: Sqlite): UpgradeRows {
  const list = db.prepare<[string, string], UpgradeRow>(
    `select id, version, file_id as fileId, published_at_ms as publishedAtMs from upgrades
     where channel = ? and platform = ? order by published_at_ms desc`,
  )
  const places = db
    .prepare<[], number>(
      'select count(*) from (select 1 from upgrades group by channel, platform) as places',
    )
    .pluck()
  const insert = db.prepare(
    `insert into upgrades (channel, platform, version, min_version, file_id, manifest, signature,
     key_id, published_at_ms) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const remove = db.prepare('delete from upgrades where id = ?')
  const putHold = sqliteHoldOutbox(db)
  return {
    list: ({ channel, platform }) => list.all(channel, platform),
    countPlaces: () => places.get() ?? 0,
    insert(upgrade) {
      const { channel, platform, version, minVersion, fileId } = upgrade
      const { manifest, signature, keyId, publishedAtMs } = upgrade
      const named = [channel, platform, version, minVersion, fileId]
      const { lastInsertRowid } = insert.run(...named, manifest, signature, keyId, publishedAtMs)
      const holder = upgradeHolder(Number(lastInsertRowid))
      putHold({ service: 1, attachmentId: fileId }, holder, true)
    },
    remove({ id, fileId }) {
      remove.run(id)
      putHold({ service: 1, attachmentId: fileId }, upgradeHolder(id), false)
    },
  }
}
