import type { Scheduler } from '@parley/service-kit'
import { Verifier, localKeySet, openSigner } from './index.ts'

export const ann = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'
export const annsPhone = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c'
export const someBlob = 'abcdefghij234567abcdefghij'

/** A signer with a new key, and its verifier, by one clock. */
export async function world<S extends Scheduler>(issuer: string, scheduler: S, folder: string) {
  const signer = await openSigner({ issuer, folder, scheduler })
  const keys = await localKeySet(signer)
  return { scheduler, signer, keys, verifier: new Verifier(keys, { scheduler }) }
}
