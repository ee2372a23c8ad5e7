import { createInterface } from 'node:readline'
import { batch } from './subject.ts'
import type { Batch } from './subject.ts'

/** Of a process: makes the batches that come as lines of JSON, and answers each with a line. */
export async function serveBatches(make: (batch: Batch) => Promise<void>): Promise<void> {
  console.log('ready')
  for await (const line of createInterface({ input: process.stdin })) {
    await make(batch.parse(JSON.parse(line)))
    console.log('done')
  }
}
