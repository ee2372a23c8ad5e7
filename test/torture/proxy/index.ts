/** Ways between parts of a system at which everything can go wrong, and a balancer. */
export { startBalancer } from './balancer.ts'
export type { Balancer } from './balancer.ts'
export { bothWays } from './fault.ts'
export type { Faults } from './fault.ts'
export { startFaultProxy } from './fault-proxy.ts'
export type { FaultProxy } from './fault-proxy.ts'
