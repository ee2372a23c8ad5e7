import { parseArgs } from 'node:util'

/** Bytes of each message. */
export const textBytes = 200

/** How the case is run. */
export interface Options {
  readonly pairs: number
  readonly messagesPerSecond: number
  readonly rounds: number
  readonly warmUpMs: number
  readonly measureMs: number
  /** A folder for CPU profiles of the relays' threads. */
  readonly profile: string | undefined
  /** Where the tables lie: on disk. */
  readonly folder: string | undefined
  readonly save: boolean
}

/** Reads the command line of the case. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pairs: { type: 'string', default: '100' },
      rate: { type: 'string', default: '1000' },
      rounds: { type: 'string', default: '6' },
      seconds: { type: 'string', default: '10' },
      'warm-up-seconds': { type: 'string', default: '2' },
      profile: { type: 'string' },
      folder: { type: 'string' },
      'no-save': { type: 'boolean', default: false },
    },
  })
  return {
    pairs: Number(values.pairs),
    messagesPerSecond: Number(values.rate),
    rounds: Number(values.rounds),
    warmUpMs: Number(values['warm-up-seconds']) * 1000,
    measureMs: Number(values.seconds) * 1000,
    profile: values.profile,
    folder: values.folder,
    save: !values['no-save'],
  }
}
