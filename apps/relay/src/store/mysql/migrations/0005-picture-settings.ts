/** Which setting of a picture holds it; see ../../migrations/0006-picture-settings.ts. */
export const pictureSettings: readonly string[] = [
  'alter table pictures add column setting varbinary(16)',
]
