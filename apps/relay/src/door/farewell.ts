import type { Connections } from '../session/connections.ts'
import type { Door } from './listener.ts'

/**
 * How a relay goes without anybody being refused: it takes nobody new, tells its devices to go
 * elsewhere and serves them until they have, for `drainMs` at most; who is left is sent away.
 */
export async function farewell(
  door: Pick<Door, 'drain'>,
  connections: Connections,
  drainMs: number,
): Promise<void> {
  // The listener first: who is told to go elsewhere must not find this relay again.
  const drained = door.drain(drainMs)
  connections.goAway(drainMs)
  await drained
  connections.close()
}
