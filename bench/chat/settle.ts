import { setTimeout as sleep } from 'node:timers/promises'
import type { Crowd } from './crowd.ts'

/** How long everything under way may take to arrive once nobody sends any more. */
const settleLimitMs = 10_000

/** Waits until nothing is under way; who asks sees from the counts whether that was reached. */
export async function settle(crowd: Pick<Crowd, 'inFlight'>): Promise<void> {
  const limitMs = performance.now() + settleLimitMs
  while (crowd.inFlight > 0 && performance.now() < limitMs) await sleep(20)
}
