import type { chat } from '@parley/proto'
import { uuidv7 } from '@parley/service-kit'
import type { Context } from '../context.ts'
import { nameKey } from '../domain/names.ts'
import { listOnline } from '../handlers/accounts/list-online.ts'
import { login } from '../handlers/accounts/login.ts'
import { refresh } from '../handlers/accounts/refresh.ts'
import { callerAddress } from '../security/caller-address.ts'
import type { Identity } from '../security/identity.ts'
import type { PlainLogin } from './plain-client.ts'

/** The most pages of people who are online that are read for one list. */
const maxPages = 20

/** What plain sessions ask about accounts; every method may throw `AppError`. */
export interface PlainAccounts {
  /** Logs in the one device that a user has in this dialect; what was logged in there before ends. */
  login(asked: PlainLogin): Promise<chat.Credentials>
  /** `requestId` stays the same when it is tried again. */
  refresh(refreshToken: string, requestId: Uint8Array, address: string): Promise<chat.Credentials>
  /** Names of those who are online and whom the user may see, the user's own not among them. */
  online(identity: Identity): Promise<string[]>
  /** The id of the user of this name; undefined for none. */
  userNamed(name: string, asker: Identity): Promise<Uint8Array | undefined>
}

const deviceNames = { text: 'text client', java: 'Java client' } as const

/** The same accounts as everybody's, by the same handlers. */
export function plainAccounts(ctx: Context): PlainAccounts {
  return {
    async login({ name, password, address, dialect }) {
      const deviceId = Buffer.from(ctx.security.plainDeviceId(dialect, nameKey(name)))
      const device = { deviceName: deviceNames[dialect], deviceId }
      const requestId = Buffer.from(uuidv7(ctx.scheduler))
      const request = { requestId, name, password, ...device }
      return given(await login(ctx, request, callerAddress(address)))
    },
    async refresh(refreshToken, requestId, address) {
      const request = { requestId: Buffer.from(requestId), refreshToken }
      return given(await refresh(ctx, request, callerAddress(address)))
    },
    online: (identity) => onlineNames(ctx, identity),
    async userNamed(name, asker) {
      ctx.security.rates.call(asker.user)
      const profile = await ctx.journal.ask('profileOf', { nameKey: nameKey(name) })
      return profile?.publicId
    },
  }
}

async function onlineNames(ctx: Context, identity: Identity): Promise<string[]> {
  const names: string[] = []
  let pageToken = ''
  for (let page = 0; page < maxPages; page += 1) {
    ctx.security.rates.call(identity.user)
    const { users, nextPageToken } = await listOnline(ctx, { pageToken }, identity)
    names.push(...users.map(({ name }) => name))
    if (nextPageToken === '') break
    pageToken = nextPageToken
  }
  return names
}

function given({ credentials }: { readonly credentials?: chat.Credentials | undefined }) {
  if (credentials === undefined) throw new Error('a login without credentials')
  return credentials
}
