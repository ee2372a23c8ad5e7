import type { NewUser, UserRow, UserRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

interface Row {
  readonly id: number
  readonly public_id: Uint8Array
  readonly name: string
  readonly nickname: string
  readonly about: string
  readonly password: string
  readonly notices: number
  readonly disabled: number
}

const columns = 'id, public_id, name, nickname, about, password, notices, disabled'

/** Users in SQLite. */
export function sqliteUsers(
  db: Sqlite,
  nowMs: () => number,
  changed: (user: number) => void,
): UserRows {
  const byId = db.prepare<[number], Row>(`select ${columns} from users where id = ?`)
  const byPublicId = db.prepare<[Uint8Array], Row>(
    `select ${columns} from users where public_id = ?`,
  )
  const byNameKey = db.prepare<[string], Row>(`select ${columns} from users where name_key = ?`)
  const taken = db.prepare<[string, string], { id: number }>(
    'select id from users where name_key = ? or skeleton = ? limit 1',
  )
  const insert = db.prepare(
    `insert into users (public_id, name, name_key, skeleton, password, notices, created_at_ms)
     values (?, ?, ?, ?, ?, ?, ?)`,
  )
  const setPassword = db.prepare('update users set password = ? where id = ?')
  const setProfile = db.prepare('update users set nickname = ?, about = ? where id = ?')
  const setDisabled = db.prepare('update users set disabled = ? where id = ?')
  return {
    byId: (id) => user(byId.get(id)),
    byPublicId: (publicId) => user(byPublicId.get(publicId)),
    byNameKey: (nameKey) => user(byNameKey.get(nameKey)),
    nameTaken: (nameKey, skeleton) => taken.get(nameKey, skeleton) !== undefined,
    insert(row: NewUser) {
      const { publicId, name, nameKey, skeleton, password, notices } = row
      const done = insert.run(publicId, name, nameKey, skeleton, password, notices, nowMs())
      return Number(done.lastInsertRowid)
    },
    setPassword: (id, password) => void setPassword.run(password, id),
    setProfile(id, nickname, about) {
      setProfile.run(nickname, about, id)
      changed(id)
    },
    setDisabled: (id, disabled) => void setDisabled.run(disabled ? 1 : 0, id),
  }
}

function user(row: Row | undefined): UserRow | undefined {
  if (row === undefined) return undefined
  const { id, name, nickname, about, password, notices } = row
  const publicId = row.public_id
  return { id, publicId, name, nickname, about, password, notices, disabled: row.disabled !== 0 }
}
