import type { NewUser, UserRow, UserRows } from '../../tx.ts'
import { userColumns, userOf } from '../batch/rows.ts'
import { idKey } from '../batch/working-set.ts'
import type { Work } from './work.ts'

/** Users in MariaDB. A user that a command is about is held, so that counts of it stay true. */
export function mysqlUsers(work: Work): UserRows {
  const { known } = work
  const held = (where: string, value: number | string | Uint8Array): UserRow | undefined => {
    const row = work.one(`select ${userColumns} from users where ${where} = ? for update`, [value])
    if (row === undefined) return undefined
    const user = known.remember(userOf(row))
    known.lockedUsers.add(user.id)
    return user
  }
  const change = (id: number, set: string, values: readonly (string | number)[]) => {
    work.run(`update users set ${set} where id = ?`, [...values, id])
    known.users.delete(id)
  }
  const byId = (id: number) =>
    known.lockedUsers.has(id) && known.users.has(id) ? known.users.get(id) : held('id', id)
  return {
    byId,
    byPublicId(publicId) {
      const key = idKey(publicId)
      if (!known.userIds.has(key)) return held('public_id', publicId)
      const id = known.userIds.get(key)
      return id === undefined ? undefined : (known.users.get(id) ?? byId(id))
    },
    byNameKey: (nameKey) => held('name_key', nameKey),
    nameTaken: (nameKey, skeleton) =>
      work.number(
        `select (select count(*) from users where name_key = ?) +
           (select count(*) from users where skeleton = ?) as n`,
        [nameKey, skeleton],
      ) > 0,
    insert: (row) => insert(work, row),
    setPassword: (id, password) => change(id, 'password = ?', [password]),
    setProfile(id, nickname, about) {
      change(id, 'nickname = ?, about = ?', [nickname, about])
      work.effects.profiles.push(id)
    },
    setDisabled: (id, disabled) => change(id, 'disabled = ?', [disabled ? 1 : 0]),
  }
}

function insert(work: Work, row: NewUser): number {
  const { publicId, name, nameKey, skeleton, password, notices } = row
  const { insertId } = work.run(
    `insert into users (public_id, name, name_key, skeleton, password, notices, created_at_ms)
     values (?, ?, ?, ?, ?, ?, ?)`,
    [publicId, name, nameKey, skeleton, password, notices, work.nowMs],
  )
  work.known.userIds.delete(idKey(publicId))
  return insertId
}
