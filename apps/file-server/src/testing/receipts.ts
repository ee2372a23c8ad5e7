import { Verifier, localKeySet, openSigner } from '@parley/auth'
import { openSigningKeys } from '@parley/grpc-kit'
import { tempFolder } from '@parley/testkit'
import { internalKey } from './world.ts'

/** Checks what the file server with this internal door has signed. */
export async function receiptVerifier(internal: string): Promise<Verifier> {
  const peer = openSigningKeys(internal, internalKey)
  try {
    const jwks = await peer.fetch()
    const signer = await openSigner({ issuer: 'file-server', folder: await tempFolder() })
    return new Verifier(await localKeySet({ ...signer, jwks }))
  } finally {
    peer.close()
  }
}
