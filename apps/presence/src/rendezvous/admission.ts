import { isAppError } from '@parley/errors'
import type { ListConnection } from './list-connection.ts'
import type { Members } from './members.ts'
import type { NameBook, Standing } from './name-book.ts'
import { nameKey, parseLine } from './parse-words.ts'
import type { WaitingLogin } from './waiting-logins.ts'

/** What letting somebody in takes. */
export interface AdmissionParts {
  readonly names: NameBook
  readonly members: Members
  readonly maxMembers: number
}

/** Who came: a login, and the connection that proves its address. */
export interface Arrival {
  readonly login: WaitingLogin
  readonly connection: ListConnection
}

/** Lets somebody in who may go by the name; resolves to why not, undefined when it is in. */
export async function admit(parts: AdmissionParts, arrival: Arrival): Promise<string | undefined> {
  const standing = await standingOf(parts.names, arrival)
  if (standing === 'taken') return 'the name is registered: its password was not said or not right'
  if (standing === 'impossible') return 'nobody can have this name'
  if (standing === 'unknown') return 'whose the name is cannot be asked now'
  if (standing === 'too often') return 'too many tries'
  return enter(parts, arrival, standing === 'confirmed')
}

// After the last wait: nothing comes between looking and entering.
function enter(parts: AdmissionParts, arrival: Arrival, isConfirmed: boolean): string | undefined {
  const { members, maxMembers } = parts
  const { login, connection } = arrival
  if (connection.isOver) return 'the connection has ended'
  const before = members.named(login.name)
  if (before !== undefined && !isConfirmed) return 'somebody is in under this name'
  if (before !== undefined) {
    members.remove(before)
    before.connection.refuse('the name was taken with its password')
  }
  if (members.size >= maxMembers) return 'too many are in'
  members.add({ ...login, connection, isConfirmed })
  return undefined
}

async function standingOf(names: NameBook, arrival: Arrival) {
  const { name } = arrival.login
  const { address } = arrival.connection
  const first = await checked(names.check({ name, password: '', address }))
  if (first !== 'taken') return first
  // The password comes over the connection: a datagram may go to anybody who took over the port.
  const password = await passwordOf(arrival)
  return password === undefined ? first : checked(names.check({ name, password, address }))
}

async function passwordOf({ connection, login }: Arrival): Promise<string | undefined> {
  const words = parseLine((await connection.nextLine()) ?? '')
  if (words?.kind !== 'login' || nameKey(words.name) !== nameKey(login.name)) return undefined
  return words.password === '' ? undefined : words.password
}

// Without the relay no name is known to be free.
async function checked(asked: Promise<Standing>): Promise<Standing | 'unknown' | 'too often'> {
  try {
    return await asked
  } catch (error) {
    return isAppError(error) && error.kind === 'rate-limited' ? 'too often' : 'unknown'
  }
}
