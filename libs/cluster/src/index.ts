/** All services of one machine as processes under supervision. */
export { startCluster } from './cluster.ts'
export type { Cluster, ClusterEvent, ClusterRequest, ExternalNats } from './cluster.ts'
export type { Ending } from './running.ts'
export { clusterPorts, freePorts, isPortFree } from './ports.ts'
export type { ClusterPorts } from './ports.ts'
export { serviceEnvironment, serviceNames } from './services.ts'
export type { MemberName, ServiceName } from './services.ts'
