import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface TakeLeaseInput {
  readonly name: string
  /** Whoever takes it; the same one may take it again before it ends. */
  readonly holder: string
  /** 0 lets it go. */
  readonly forMs: number
}

/** Takes or renews what only one may hold; tells whether it is held now. */
export function takeLease(tx: Tx, { name, holder, forMs }: TakeLeaseInput): Verdict<boolean> {
  return done(tx.leases.take(name, holder, forMs))
}
