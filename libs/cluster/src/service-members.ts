import { freePorts } from './ports.ts'
import type { ClusterPorts } from './ports.ts'
import { firstMember, serviceNames } from './services.ts'
import type { ServiceMember, ServiceName } from './services.ts'

/** How many processes there are of each service that may have several. */
export interface MemberCounts {
  readonly relay: number
  readonly presence: number
}

/** The processes of these services, in the order in which they are started. */
export async function serviceMembers(
  services: readonly ServiceName[],
  counts: MemberCounts,
  ports: ClusterPorts,
): Promise<ServiceMember[]> {
  const free = await freePorts(2 * (counts.relay + counts.presence), Object.values(ports))
  const names = serviceNames.filter((name) => services.includes(name))
  return names.flatMap((name) => [
    firstMember(name, ports),
    ...(name === 'relay' || name === 'presence' ? further(name, counts[name], free) : []),
  ])
}

function further(service: 'relay' | 'presence', count: number, free: number[]): ServiceMember[] {
  return Array.from({ length: count - 1 }, (_, i) => {
    const [port, internalPort = 0] = free.splice(0, 2)
    return {
      member: `${service}-${i + 2}` as const,
      service,
      port,
      internalPort,
    }
  })
}
