import type { Stage } from './stage.ts'

/** What opens a service at a door: nothing, a user's token, the services' key or the operators'. */
export type Opener = 'nothing' | 'token' | 'service key' | 'operator key'

/** Which services each door answers, and to whom; all others are not there. */
export const doors = {
  'relay, public': {
    Accounts: 'token',
    Attachments: 'token',
    Chat: 'token',
    Contacts: 'token',
    Groups: 'token',
    History: 'token',
    Upgrades: 'token',
  },
  'relay, public over HTTP': {
    Accounts: 'token',
    Attachments: 'token',
    Contacts: 'token',
    Groups: 'token',
    History: 'token',
    Upgrades: 'token',
  },
  'relay, internal': {
    SigningKeys: 'service key',
    Names: 'service key',
    Operators: 'operator key',
    Health: 'nothing',
  },
  'file server, internal': {
    Holds: 'service key',
    SigningKeys: 'service key',
    Files: 'service key',
    Health: 'nothing',
  },
  'image server, internal': {
    Holds: 'service key',
    SigningKeys: 'service key',
    Images: 'service key',
    Health: 'nothing',
  },
  'presence, internal': {
    Presence: 'service key',
    Health: 'nothing',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Opener>>>>

export type DoorName = keyof typeof doors

/** Methods of users that need no token. */
export const openMethods: ReadonlySet<string> = new Set([
  'Accounts.register',
  'Accounts.login',
  'Accounts.refresh',
])

/** Where a door is. */
export function addressOf({ world }: Pick<Stage, 'world'>, door: DoorName): string {
  const { cluster, relay } = world
  switch (door) {
    case 'relay, public':
    case 'relay, public over HTTP':
      return relay
    case 'relay, internal':
      return cluster.addresses('relay')['internal'] ?? ''
    case 'file server, internal':
      return cluster.addresses('file-server')['internal'] ?? ''
    case 'image server, internal':
      return cluster.addresses('img-server')['internal'] ?? ''
    case 'presence, internal':
      return cluster.addresses('presence')['internal'] ?? ''
  }
}
