import type { ServedType } from './variant.ts'

const endings: Readonly<Record<ServedType, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/webp': '.webp',
}

/** The uploader's name with the ending of what is served, since that is not what was uploaded. */
export function servedName(name: string | undefined, type: string): string {
  const stem = (name ?? '').replace(/\.[A-Za-z0-9]{1,5}$/, '')
  return `${stem === '' ? 'image' : stem}${endings[type as ServedType] ?? ''}`
}
