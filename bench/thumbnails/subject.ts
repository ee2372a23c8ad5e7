import type { InputFormat } from './made-picture.ts'

/** What is made of a picture, so often one after the other. */
export interface Batch {
  readonly input: string
  readonly format: InputFormat
  /** The squares that the results fit, in pixels, largest first. */
  readonly sides: readonly (256 | 1024)[]
  /** An empty folder. */
  readonly folder: string
  readonly count: number
}

/** The quality of every result: all are JPEG, which every subject encodes with libjpeg-turbo. */
export const quality = 80

/** The file of one result. */
export function resultName(index: number, side: number): string {
  return `${index}-${side}.jpg`
}

/** Something that makes small pictures. */
export interface Subject {
  readonly name: string
  readonly description: string
  /** Of which pictures it is measured. */
  readonly formats: readonly InputFormat[]
  /** Makes all of a batch; answers the CPU seconds it took, of all its processes. */
  run(batch: Batch): Promise<number>
  stop(): Promise<void>
}
