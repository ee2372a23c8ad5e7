import { Session } from 'node:inspector/promises'
import { setImmediate as turn } from 'node:timers/promises'

/**
 * Bytes that this thread holds, in its heap and in buffers, after everything that can be collected is
 * collected. Unlike resident memory it does not move with when garbage is collected.
 */
export async function heldBytes(): Promise<number> {
  const session = new Session()
  session.connect()
  // What a collection finds unreachable may let go of more only when its finalizers have run.
  for (let round = 0; round < 3; round += 1) {
    await session.post('HeapProfiler.collectGarbage')
    await turn()
  }
  session.disconnect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
