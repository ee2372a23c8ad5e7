import { parseArgs } from 'node:util'

/** A number of files of one size, so many at once. */
export interface Work {
  readonly name: string
  readonly files: number
  readonly sizeBytes: number
  readonly parallel: number
  /** How often each file is fetched in one measurement, where they are fetched. */
  readonly fetches: number
}

/** How the case is run. */
export interface Options {
  readonly rounds: number
  readonly works: readonly Work[]
  /** A folder for CPU profiles of ours. */
  readonly profile: string | undefined
  /** Where the files lie: on disk. */
  readonly folder: string | undefined
  readonly save: boolean
}

const kibibyte = 1 << 10
const mebibyte = 1 << 20

/** What a file server is asked to carry. */
const works: readonly Work[] = [
  { name: '1 GiB', files: 1, sizeBytes: 1024 * mebibyte, parallel: 1, fetches: 4 },
  { name: '64 MiB x 8', files: 8, sizeBytes: 64 * mebibyte, parallel: 8, fetches: 4 },
  { name: '64 KiB x 1000', files: 1_000, sizeBytes: 64 * kibibyte, parallel: 16, fetches: 4 },
]

const quickWorks: readonly Work[] = [
  { name: '128 MiB', files: 1, sizeBytes: 128 * mebibyte, parallel: 1, fetches: 2 },
  { name: '16 MiB x 8', files: 8, sizeBytes: 16 * mebibyte, parallel: 8, fetches: 2 },
  { name: '64 KiB x 100', files: 100, sizeBytes: 64 * kibibyte, parallel: 16, fetches: 2 },
]

/** Reads the command line of the case. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'string' },
      folder: { type: 'string' },
      'no-save': { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 7))
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
    throw new Error('--rounds is 1 to 100')
  return {
    rounds,
    works: values.quick ? quickWorks : works,
    profile: values.profile,
    folder: values.folder,
    // What was only tried is no result.
    save: !values['no-save'] && !values.quick,
  }
}
