import { startFaultProxy } from './proxy/index.ts'
import type { FaultProxy } from './proxy/index.ts'

/** The ways between parts at which faults can be set, by name: `relay`, `relay>nats`. */
export class Ways {
  readonly #ways = new Map<string, FaultProxy>()

  async open(name: string, target: string): Promise<FaultProxy> {
    const way = await startFaultProxy({ target })
    this.#ways.set(name, way)
    return way
  }

  get(name: string): FaultProxy | undefined {
    return this.#ways.get(name)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ways.values()].map((way) => way.close()))
  }
}
