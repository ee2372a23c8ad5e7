/** Finds groups of which upkeep has not let go yet: `dissolved` is 1 until it has, then 2. */
export const dissolvedGroups: readonly string[] = [
  'create index conversations_dissolved on conversations (id) where dissolved = 1',
]
