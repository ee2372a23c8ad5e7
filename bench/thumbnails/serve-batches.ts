import { createInterface } from 'node:readline'
import type { Batch } from './subject.ts'

/** Of a process: makes the batches that come as lines of JSON, and answers each with a line. */
export async function serveBatches(make: (batch: Batch) => Promise<void>): Promise<void> {
  console.log('ready')
  for await (const line of createInterface({ input: process.stdin })) {
    await make(JSON.parse(line) as Batch)
    console.log('done')
  }
}
