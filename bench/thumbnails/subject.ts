import { z } from 'zod'
import { inputFormats } from './made-picture.ts'
import type { InputFormat } from './made-picture.ts'

/** What is made of a picture, so often one after the other. */
export const batch = z.object({
  input: z.string(),
  format: z.enum(inputFormats),
  /** The squares that the results fit, in pixels, largest first. */
  sides: z.array(z.union([z.literal(256), z.literal(1024)])).min(1),
  /** An empty folder. */
  folder: z.string(),
  count: z.number().int(),
})

/** What is made of a picture, so often one after the other. */
export type Batch = z.output<typeof batch>

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
