import type { WorkerRefused } from './protocol.ts'

/** Thrown inside a worker when the image is at fault, not the worker. */
export class Refusal extends Error {
  readonly reason: WorkerRefused['reason']

  constructor(reason: WorkerRefused['reason'], message: string) {
    super(message)
    this.name = 'Refusal'
    this.reason = reason
  }
}
