import path from 'node:path'
import { parseArgs } from 'node:util'

/** How the case is run. */
export interface Options {
  readonly pairs: number
  readonly rounds: number
  readonly warmUpMs: number
  readonly measureMs: number
  readonly windows: readonly number[]
  /** Main modules of the relays that are compared; the first one is this checkout's unless told. */
  readonly relays: readonly string[]
  /** A folder for CPU profiles of the relay's threads. */
  readonly profile: string | undefined
  /** Where the databases lie: on disk. */
  readonly folder: string | undefined
  readonly save: boolean
}

const ownRelay = path.join(import.meta.dirname, '../../apps/relay/src/main.ts')

/** Reads the command line of the case. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pairs: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '5' },
      'warm-up-seconds': { type: 'string', default: '2' },
      windows: { type: 'string', default: '1,8' },
      relay: { type: 'string', multiple: true, default: [ownRelay] },
      profile: { type: 'string' },
      folder: { type: 'string' },
      'no-save': { type: 'boolean', default: false },
    },
  })
  return {
    pairs: Number(values.pairs),
    rounds: Number(values.rounds),
    warmUpMs: Number(values['warm-up-seconds']) * 1000,
    measureMs: Number(values.seconds) * 1000,
    windows: values.windows.split(',').map(Number),
    relays: values.relay.map((program) => path.resolve(program)),
    profile: values.profile,
    folder: values.folder,
    save: !values['no-save'],
  }
}
