/** How much one user may have; docs/limits.md explains each. */
export const limits = {
  /** Contacts and own open requests. */
  contacts: 5_000,
  /** Requests of others that wait for an answer. */
  contactRequests: 500,
  /** Users blocked. */
  blocked: 5_000,
  /** Groups a user is in. */
  groups: 1_000,
  /** Members of a group. */
  members: 2_000,
  /** Invitations of a group that wait for an answer. */
  invitations: 500,
  /** Invitations that wait for one user's answer. */
  invitationsOfUser: 500,
  /** Users named in one call. */
  invitedAtOnce: 200,
  /** Devices; one more takes the place of the one not seen for longest. */
  devices: 64,
} as const
