import type { Script } from './script.ts'
import { changePassword } from './accounts/change-password.ts'
import { createLogin } from './accounts/create-login.ts'
import { endLogin } from './accounts/end-login.ts'
import { registerAccount } from './accounts/register-account.ts'
import { revokeDevice } from './accounts/revoke-device.ts'
import { rotateRefresh } from './accounts/rotate-refresh.ts'
import { setProfilePicture } from './accounts/set-profile-picture.ts'
import { updateProfile } from './accounts/update-profile.ts'
import { answerContact } from './contacts/answer-contact.ts'
import { blockUser } from './contacts/block-user.ts'
import { removeContact } from './contacts/remove-contact.ts'
import { requestContact } from './contacts/request-contact.ts'
import { setRemark } from './contacts/set-remark.ts'
import { unblockUser } from './contacts/unblock-user.ts'
import { answerInvitation } from './groups/answer-invitation.ts'
import { createGroup } from './groups/create-group.ts'
import { dissolveGroup } from './groups/dissolve-group.ts'
import { inviteToGroup } from './groups/invite-to-group.ts'
import { joinGroup } from './groups/join-group.ts'
import { leaveGroup } from './groups/leave-group.ts'
import { removeMember } from './groups/remove-member.ts'
import { renameGroup } from './groups/rename-group.ts'
import { setGroupPicture } from './groups/set-group-picture.ts'
import { setRole } from './groups/set-role.ts'
import { createInvitationCode } from './operators/create-invitation-code.ts'
import { publishUpgrade } from './operators/publish-upgrade.ts'
import { resetPassword } from './operators/reset-password.ts'
import { setDisabled } from './operators/set-disabled.ts'
import { forgetRequests } from './upkeep/forget-requests.ts'
import { indexSearch } from './upkeep/index-search.ts'
import { publishKey } from './upkeep/publish-key.ts'
import { freeDissolved } from './upkeep/free-dissolved.ts'
import { settleHolds } from './upkeep/settle-holds.ts'
import { takeLease } from './upkeep/take-lease.ts'
import { ackCursors } from './ack-cursors.ts'
import { readUpTo } from './read-up-to.ts'
import { sendMessage } from './send-message.ts'

/** Every command that the journal can commit, by name. */
export const scripts = {
  sendMessage,
  ackCursors,
  readUpTo,
  changePassword,
  createLogin,
  endLogin,
  registerAccount,
  revokeDevice,
  rotateRefresh,
  setProfilePicture,
  updateProfile,
  answerContact,
  blockUser,
  removeContact,
  requestContact,
  setRemark,
  unblockUser,
  answerInvitation,
  createGroup,
  dissolveGroup,
  inviteToGroup,
  joinGroup,
  leaveGroup,
  removeMember,
  renameGroup,
  setGroupPicture,
  setRole,
  createInvitationCode,
  publishUpgrade,
  resetPassword,
  setDisabled,
  forgetRequests,
  indexSearch,
  publishKey,
  freeDissolved,
  settleHolds,
  takeLease,
}

export type ScriptName = keyof typeof scripts

export type InputOf<Name extends ScriptName> =
  (typeof scripts)[Name] extends Script<infer Input, infer _Answer> ? Input : never

export type AnswerOf<Name extends ScriptName> =
  (typeof scripts)[Name] extends Script<infer _Input, infer Answer> ? Answer : never
