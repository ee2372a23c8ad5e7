import { uuidText } from '@parley/service-kit'

/** The text of an id, or null where the server left it out. */
export function idText(id: Uint8Array): string | null {
  return id.length === 16 ? uuidText(id) : null
}
