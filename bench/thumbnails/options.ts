import { parseArgs } from 'node:util'

/** A size of picture, and how many of them are one measurement. */
interface PictureSize {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly count: number
}

/** How the case is run. */
export interface Options {
  readonly rounds: number
  readonly pictures: readonly PictureSize[]
  readonly save: boolean
}

const pictures: readonly PictureSize[] = [
  { name: '12 MP', width: 4000, height: 3000, count: 3 },
  { name: '2 MP', width: 1600, height: 1200, count: 10 },
]

/** Reads the command line of the case. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'no-save': { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 7))
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
    throw new Error('--rounds is 1 to 100')
  const all = values.quick
    ? pictures.map((size) => ({ ...size, count: Math.ceil(size.count / 3) }))
    : pictures
  // What was only tried is no result.
  return { rounds, pictures: all, save: !values['no-save'] && !values.quick }
}
