/** Finds groups of which upkeep has not let go yet; see ../../migrations/0007-dissolved-groups.ts. */
export const dissolvedGroups: readonly string[] = [
  // One that was interrupted before it was counted is begun again.
  'create index if not exists conversations_dissolved on conversations (dissolved, id)',
]
