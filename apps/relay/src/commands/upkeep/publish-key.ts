import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface PublishKeyInput {
  readonly kid: string
  readonly issuer: string
  /** The public half, as JSON. */
  readonly publicJwk: string
}

/** Lets every relay verify what is signed by this key. */
export function publishKey(tx: Tx, { kid, issuer, publicJwk }: PublishKeyInput): Verdict<null> {
  tx.signingKeys.seen(kid, issuer, publicJwk)
  return done(null)
}
