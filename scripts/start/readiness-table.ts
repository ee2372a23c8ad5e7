import path from 'node:path'
import { serviceNames } from '@parley/cluster'
import type { ClusterConfig, MemberName } from '@parley/cluster'

const defaultServer = '127.0.0.1:20000'

/** The addresses of a member that is up, by door. */
export type AddressesOf = (member: MemberName) => Readonly<Record<string, string>>

/** Where everything is and how to open a chat, for the terminal that ran `npm start`. */
export function readinessTable(config: ClusterConfig, addressesOf: AddressesOf): string {
  const folder = shortest(config.folder)
  const services = serviceNames.toReversed().map((name) => {
    const { public: door = '-', internal = '-' } = addressesOf(name)
    return [name, door, internal, path.join(folder, name)]
  })
  const nats = ['nats', natsAddress(config, addressesOf), '-', path.join(folder, 'nats')]
  const rows = [['service', 'address', 'internal', 'data folder'], ...services, nats]
  return ['Parley is up.', '', ...aligned(rows), '', ...howTo(config, folder, addressesOf)].join(
    '\n',
  )
}

function shortest(folder: string): string {
  const relative = path.relative('.', folder) || '.'
  return relative.startsWith('..') ? folder : relative
}

function natsAddress(config: ClusterConfig, addressesOf: AddressesOf): string {
  if (config.natsUrl === 'memory:') return 'in memory'
  return config.natsUrl ?? addressesOf('nats')['nats'] ?? 'in memory'
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? []
  return rows.map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd(),
  )
}

function howTo(config: ClusterConfig, folder: string, addressesOf: AddressesOf): string[] {
  const server = addressesOf('relay')['public'] ?? `127.0.0.1:${config.ports.relay}`
  const parley = `${server === defaultServer ? '' : `PARLEY_SERVER=${server} `}npx --no parley`
  return [
    'Open a chat in a second terminal:',
    `  ${parley} register NAME`,
    `  ${parley} chat @NAME`,
    `  ${parley} help          (lists everything)`,
    `Logs are in ${path.join(folder, 'logs')}. Ctrl-C stops everything.`,
  ]
}
