import { FakeScheduler, tempFolder } from '@parley/testkit'
import { Verifier, localKeySet, openSigner } from './index.ts'

export const ann = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'
export const annsPhone = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c'
export const someBlob = 'abcdefghij234567abcdefghij'

/** A signer with a new key, its verifier, and the clock of both. */
export async function setup(issuer = 'relay') {
  const scheduler = new FakeScheduler()
  const folder = await tempFolder()
  const signer = await openSigner({ issuer, folder, scheduler })
  const keys = await localKeySet(signer)
  return { scheduler, folder, signer, keys, verifier: new Verifier(keys, { scheduler }) }
}
