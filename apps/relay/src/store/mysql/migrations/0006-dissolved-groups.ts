/** Finds groups of which upkeep has not let go yet; see ../../migrations/0007-dissolved-groups.ts. */
export const dissolvedGroups: readonly string[] = [
  'create index conversations_dissolved on conversations (dissolved, id)',
]
