import { hash, verify } from '@node-rs/argon2'
import { Gate } from '../domain/gate.ts'
import type { GateBounds } from '../domain/gate.ts'
import { passwordChars, passwordForm } from '../domain/passwords.ts'

const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
// What @node-rs/argon2 writes for argon2id (its default) at this cost.
const today = `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$`

/** Hashing at a time: each takes 19 MiB and a core for a while. */
const hashing: GateBounds = {
  atOnce: 2,
  waiting: 32,
  full: 'too many logins at this moment, try again',
}

/** Hashes and checks passwords, at most two at a time. */
export interface Passwords {
  /** Argon2id in PHC form; throws `AppError` exhausted BUSY when too many wait. */
  hash(password: string): Promise<string>
  /** True when the password matches; without a stored one it takes as long and says no. */
  verify(stored: string | undefined, password: string): Promise<boolean>
  /** True when the stored one was made at another cost than today's. */
  isStale(stored: string): boolean
}

/** Opens the hashing of passwords; `decoy` is any text that nobody knows. */
export async function openPasswords(decoy: string): Promise<Passwords> {
  const gate = new Gate(hashing)
  const nobody = await hash(decoy, cost)
  return {
    hash: (password) => gate.run(() => hash(passwordForm(password), cost)),
    async verify(stored, password) {
      // Longer ones cannot be anybody's; this tells nothing of an account.
      if (password.length > passwordChars.max * 4 || !password.isWellFormed()) return false
      const matches = await gate.run(() => verify(stored ?? nobody, passwordForm(password)))
      return matches && stored !== undefined
    },
    isStale: (stored) => !stored.startsWith(today),
  }
}
