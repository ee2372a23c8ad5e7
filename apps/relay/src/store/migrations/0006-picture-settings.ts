/**
 * Each setting of a picture has an id, which is in the name of its hold: a release that is told late
 * lets go what it was meant for, and not the same picture set again. Null for those set before.
 */
export const pictureSettings: readonly string[] = ['alter table pictures add column setting blob']
