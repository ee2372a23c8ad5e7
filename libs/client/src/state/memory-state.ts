import type { AccountState, LocalState, LockName, Login } from './local-state.ts'
import type { StateLock, TransferRecord } from './local-state.ts'
import { maxStoredEntries, maxTransferRecords } from './local-state.ts'
import { MemoryAccount } from './memory-account.ts'
import { foldedName } from './sqlite-state.ts'

/** How much a memory state keeps. */
export interface MemoryStateOptions {
  /** Newest entries of each conversation, 10,000 unless told; 0 keeps positions only. */
  readonly keepEntries?: number
}

/** Local state that ends with the process: the twin of the file for tests, bots and benchmarks. */
export class MemoryState implements LocalState {
  readonly #keepEntries: number
  readonly #accounts = new Map<string, MemoryAccount>()
  readonly #devices = new Map<string, string>()
  readonly #transfers = new Map<string, TransferRecord>()
  readonly #locks = new Set<LockName>()
  #login: Login | undefined

  constructor(options: MemoryStateOptions = {}) {
    this.#keepEntries = options.keepEntries ?? maxStoredEntries
  }

  login(): Login | undefined {
    return this.#login
  }

  saveLogin(login: Login | undefined): void {
    this.#login = login
    if (login) this.#devices.set(foldedName(login.userName), login.deviceId)
  }

  knownDevice(userName: string): string | undefined {
    return this.#devices.get(foldedName(userName))
  }

  account(userId: string): AccountState {
    const account = this.#accounts.get(userId) ?? new MemoryAccount(this.#keepEntries)
    this.#accounts.set(userId, account)
    return account
  }

  transfer(key: string): TransferRecord | undefined {
    return this.#transfers.get(key)
  }

  saveTransfer(key: string, record: TransferRecord): void {
    this.#transfers.delete(key)
    this.#transfers.set(key, record)
    const [oldest] = this.#transfers.keys()
    if (this.#transfers.size > maxTransferRecords && oldest !== undefined) {
      this.#transfers.delete(oldest)
    }
  }

  dropTransfer(key: string): void {
    this.#transfers.delete(key)
  }

  tryLock(name: LockName): StateLock | undefined {
    if (this.#locks.has(name)) return undefined
    this.#locks.add(name)
    return { release: () => this.#locks.delete(name) }
  }

  close(): void {
    // Nothing is held outside this object.
  }
}
