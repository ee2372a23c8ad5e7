import type { Appended, Effects, EndedLogin, Stay } from './journal.ts'
import { noEffects } from './journal.ts'

/** What a command changes for others, gathered while it runs. */
export class GatheredEffects {
  entries: Appended[] = []
  stays: Stay[] = []
  ended: EndedLogin[] = []
  /** Users whose contacts have changed. */
  contacts: number[] = []
  /** Users of whom others read another profile. */
  profiles: number[] = []

  /** What was gathered, once. */
  take(): Effects {
    const { entries, stays, ended, contacts, profiles } = this
    const effects = { entries, stays, ended, contacts, profiles }
    if (Object.values(effects).every(({ length }) => length === 0)) return noEffects
    this.clear()
    return effects
  }

  /** Forgets what was gathered: it was undone. */
  clear(): void {
    this.entries = []
    this.stays = []
    this.ended = []
    this.contacts = []
    this.profiles = []
  }
}
