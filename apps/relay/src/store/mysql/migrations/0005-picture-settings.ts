/** Which setting of a picture holds it; see ../../migrations/0006-picture-settings.ts. */
export const pictureSettings: readonly string[] = [
  // One that was interrupted before it was counted is begun again.
  'alter table pictures add column if not exists setting varbinary(16)',
]
