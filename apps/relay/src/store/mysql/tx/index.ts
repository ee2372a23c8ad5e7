import type { BatchTx } from '../../run-batch.ts'
import { mysqlAttachments } from './attachments.ts'
import { mysqlContacts } from './contacts.ts'
import { mysqlConversations } from './conversations.ts'
import { mysqlDevices } from './devices.ts'
import { mysqlInvitationCodes } from './invitation-codes.ts'
import { mysqlLeases } from './leases.ts'
import { mysqlLog } from './log.ts'
import { mysqlLogins } from './logins.ts'
import { mysqlMarks } from './marks.ts'
import { mysqlMembers } from './members.ts'
import { mysqlPictures } from './pictures.ts'
import { mysqlRequests } from './requests.ts'
import { mysqlSearch } from './search.ts'
import { mysqlSigningKeys } from './signing-keys.ts'
import { mysqlUpgrades } from './upgrades.ts'
import { mysqlUsers } from './users.ts'
import type { Work } from './work.ts'

/** The transaction of a MariaDB database: one object, used for every batch of its writer. */
export function mysqlTx(work: Work): BatchTx {
  const logins = mysqlLogins(work)
  return {
    get nowMs() {
      return work.nowMs
    },
    newId: work.newId,
    users: mysqlUsers(work),
    devices: mysqlDevices(work, logins),
    logins,
    contacts: mysqlContacts(work),
    conversations: mysqlConversations(work),
    members: mysqlMembers(work),
    log: mysqlLog(work),
    marks: mysqlMarks(work),
    attachments: mysqlAttachments(work),
    pictures: mysqlPictures(work),
    invitationCodes: mysqlInvitationCodes(work),
    requests: mysqlRequests(work),
    search: mysqlSearch(work),
    leases: mysqlLeases(work),
    signingKeys: mysqlSigningKeys(work),
    upgrades: mysqlUpgrades(work),
    takeEffects: () => work.effects.take(),
  }
}
